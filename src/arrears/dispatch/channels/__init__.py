"""The channels, one file each, behind the one interface of `arrears.dispatch.channel`."""
