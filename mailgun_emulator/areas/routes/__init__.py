"""Routes for incoming mail: what they are, which of them match, and what they ask to be done.

`RouteStore` holds them, `matching.chosen` says which of them see a message, and the inbound area
carries their actions out.
"""
