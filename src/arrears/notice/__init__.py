"""The notice room: the words of what we send, and the proof that we sent it."""
