"""The demonstration: a shop, Weir watching it, an incident, the message about it, and the recovery.

inbox   messages of Weir's, as a page on loopback
story   what goes wrong, when, and how far it has got
stand   the shop on disk with its configuration, and what is settled of it measured
once    all of it on a clock that runs fast, without a browser
live    all of it as it happens: the shop, the server, the pages, the inbox, the status on screen
"""
