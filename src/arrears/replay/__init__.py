"""The replay room: facts of an account, up to an instant, folded into position and standing."""

from arrears.replay.position import Replayed, replay_frame, replay_one, replay_typed
from arrears.replay.terms import Terms, in_force, load_terms

__all__ = ["Replayed", "Terms", "in_force", "load_terms", "replay_frame", "replay_one", "replay_typed"]
