"""Where the steps of a story use its layers and sources."""

from __future__ import annotations

from storymap.changes import named
from storymap.manuscript import Data
from storymap.placing import EditError, find
from storymap.yamlmatch import identity

__all__ = ["forget_layer", "forget_source", "layers_used", "sources_used"]


def layers_used(data: Data) -> set[str]:
    """Ids of the layers that steps show or frame."""
    out: set[str] = set()
    for step in data.get("steps") or []:
        if not isinstance(step, dict):
            continue
        out.update(filter(None, map(identity, step.get("show") or [])))
        view = step.get("view")
        for key in ("fit", "must_see"):
            refs = view.get(key) if isinstance(view, dict) else None
            out.update(str(ref).split("/")[0] for ref in ([refs] if isinstance(refs, str) else refs or []))
    return out


def sources_used(data: Data) -> set[str]:
    """Ids of the sources that steps name."""
    out: set[str] = set()
    for step in data.get("steps") or []:
        if isinstance(step, dict):
            out.update(filter(None, map(identity, step.get("sources") or [])))
            for part in ("quote", "figure"):
                refs = find(step, (part, "source"))
                out.update([refs] if isinstance(refs, str) else refs or [])
    return out


def forget_layer(step: Data, layer: str) -> None:
    """Takes a layer out of a step's data, in place. Raises `EditError` when the step frames nothing else."""
    if isinstance(step.get("show"), list):
        kept = [shown for shown in step["show"] if identity(shown) != layer]
        if kept:
            step["show"] = kept
        else:
            del step["show"]
    view = step.get("view")
    for key in ("fit", "must_see"):
        refs = view.get(key) if isinstance(view, dict) else None
        names = [refs] if isinstance(refs, str) else refs
        if not isinstance(names, list) or all(str(name).split("/")[0] != layer for name in names):
            continue
        left = [name for name in names if str(name).split("/")[0] != layer]
        if left:
            step["view"][key] = left[0] if len(left) == 1 else left
        elif key == "fit":
            raise EditError(f"{named(step, 'step')} frames layer '{layer}' only: give it another view first")
        else:
            del step["view"][key]


def forget_source(step: Data, source: str) -> None:
    """Takes a source out of a step's data, in place."""
    claims = [claim for claim in step.get("sources") or [] if identity(claim) != source]
    if claims:
        step["sources"] = claims
    else:
        step.pop("sources", None)
    for part in ("quote", "figure"):
        around = step.get(part)
        names = around.get("source") if isinstance(around, dict) else None
        left = [name for name in ([names] if isinstance(names, str) else names or []) if name != source]
        if isinstance(around, dict) and names is not None:
            if left:
                around["source"] = left[0] if len(left) == 1 else left
            else:
                del around["source"]
