"""The picture, sound or film of a step: brought in with its words and credit, replaced, removed."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor import attached, checked, checks, fields, told
from storymap.app.editor.desk import Desk
from storymap.app.editor.pending import Pending
from storymap.mediafile import MOST_MB, WIDE, BadMedia, MediaFile, kind_of, read_media, smaller

__all__ = ["show"]

_SUFFIXES = ["jpg", "jpeg", "png", "webp", "avif", "gif", "mp3", "ogg", "wav", "mp4", "webm"]
_NEEDED = {"alt": "what it shows, in words", "credit": "whom to credit"}
_ALT = "What it shows or says, in words"
_ALT_HELP = "For readers who can not see or hear it."


def show(desk: Desk, at: tuple[str, str]) -> None:
    """Shows the part."""
    place = (*at, "media")
    media = desk.get(place)
    if not isinstance(media, dict):
        _bring_in(desk, place, "Add to the step")
        return
    _player(desk, str(media.get("file", "")))
    checked.area(desk, (*place, "alt"), _ALT, checks.needed("readers who can not see it need these words"), height=90,
                 help=_ALT_HELP)  # fmt: skip
    checked.text(desk, (*place, "credit"), "Credit", checks.needed("whoever made it has to be named"))
    fields.text(desk, (*place, "caption"), "Caption")
    fields.text(desk, (*place, "license"), "Licence", placeholder="CC-BY-4.0")
    with st.popover("Replace", icon=":material/swap_horiz:"):
        _bring_in(desk, place, "Replace")
    st.button("Remove", key=fields.key_of(desk, (*place, "remove")), icon=":material/delete:", type="tertiary",
              on_click=fields.doing(desk, lambda story: edits.set_part(story, place, None)))  # fmt: skip


def _do(desk: Desk, place: tuple[str, ...], value: Any) -> bool:
    return desk.do(lambda story: edits.set_part(story, place, value))


def _player(desk: Desk, file: str) -> None:
    content, kind = attached.content(desk, file), kind_of(file)
    if content is None:
        told.note(file)
    elif kind == "picture":
        _picture(attached.thumbnail(content), file)
    elif kind == "sound":
        st.audio(content)
    else:
        st.video(content)


def _picture(address: str, name: str) -> None:
    if address:
        st.html(f'<img class="attached" src="{escape(address)}" alt=""><p class="told-note">{escape(name)}</p>')
    else:
        told.fault(f"{name} can not be read: replace it")


def _bring_in(desk: Desk, place: tuple[str, ...], label: str) -> None:
    """A file, and the words that it needs before it may join the story."""
    base = fields.key_of(desk, place)
    turn = st.session_state.setdefault(f"uploads {base}", 0)
    upload = st.file_uploader(
        "Picture, sound or film", type=_SUFFIXES, key=f"{base}/upload/{turn}", max_upload_size=max(MOST_MB.values()),
        label_visibility="collapsed",
    )  # fmt: skip
    if upload is None:
        return
    media = _read(f"brought {base}", upload)
    if media is None:
        return
    if media.kind == "picture":
        _picture(attached.thumbnail(media.content), _about(media))
    for sentence in media.notes:
        told.note(sentence)
    small = media.size is not None and media.size[0] > WIDE and st.toggle(
        f"Make it smaller for readers ({WIDE} pixels across)", value=True, key=f"{base}/smaller/{turn}"
    )  # fmt: skip
    new = Pending(desk, place, _NEEDED)
    if new.get("credit") is None and media.credit:
        new.put(credit=media.credit)
    new.area("alt", _ALT, height=90, help=_ALT_HELP)
    new.text("credit", "Credit", placeholder="Photo: Name, agency")
    new.text("caption", "Caption")
    new.text("license", "Licence", placeholder="CC-BY-4.0")

    def join(words: dict[str, Any]) -> bool:
        name = attached.bring_in(desk, media.name, (smaller(media) if small else media).content)
        if name is None or not _do(desk, place, {"file": name, **words}):
            return False
        # Another key: the uploader is empty again.
        st.session_state[f"uploads {base}"] = turn + 1
        return True

    new.button(label, join)


def _about(media: MediaFile) -> str:
    wide, high = media.size or (0, 0)
    return f"{media.name.removeprefix('media/')}, {wide} x {high} pixels, {len(media.content) / 1e6:.1f} MB"


def _read(kept: str, upload: Any) -> MediaFile | None:
    """The file as it may join; looked at once, not at each run of the page."""
    known = st.session_state.get(kept)
    if known is None or known[0] != upload.file_id:
        try:
            known = (upload.file_id, read_media(upload.name, upload.getvalue()), "")
        except BadMedia as error:
            known = (upload.file_id, None, str(error))
        st.session_state[kept] = known
    if known[2]:
        told.fault(known[2])
    return known[1]
