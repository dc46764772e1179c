# The app with the stories of geodata/. Build: docker build -t storymap .
#   docker run --read-only --tmpfs /tmp --tmpfs /var/cache/storymap:uid=10001 -p 8501:8501 storymap
# Your own stories: -v /path/of/stories:/stories:ro -e STORYMAP_STORIES=/stories
FROM python:3.13-slim AS made
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
COPY geodata/basemap geodata/basemap
ENV PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv && /venv/bin/python -m pip install --quiet ".[signin]"

FROM python:3.13-slim
# Nobody in particular, who may write nothing but the cache of prepared geodata.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin storymap \
    && install -d -o storymap -g storymap /var/cache/storymap
WORKDIR /app
COPY --from=made /venv /venv
COPY .streamlit/config.toml .streamlit/config.toml
COPY streamlit_app.py ./
COPY geodata geodata
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    STORYMAP_CACHE=/var/cache/storymap \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 STREAMLIT_SERVER_PORT=8501 STREAMLIT_SERVER_HEADLESS=true
USER storymap
EXPOSE 8501
# Answers as soon as the server does; stories that still compile are named in the answer, and are no fault.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["/venv/bin/python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['STREAMLIT_SERVER_PORT'] + '/healthz', timeout=4)"]
CMD ["/venv/bin/python", "-m", "streamlit", "run", "streamlit_app.py"]
