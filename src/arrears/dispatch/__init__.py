"""The dispatch room: lawful work is claimed, asked again, sent once, and recorded; what comes back is a fact."""
