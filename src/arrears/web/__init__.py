"""The web room: the public pages and the API, over the same functions as the command line."""
