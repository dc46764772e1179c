"""The editor: the Streamlit page ``/edit``. `desk` knows no Streamlit; panels show one part of the story each."""
