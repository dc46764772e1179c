"""Stories that come from elsewhere: spreadsheets, and the exports of other programs.

Each reader makes a `stops.Trip` of what it finds, with a report of what it could not carry over; `compose` makes a story
of a trip. Nothing here fetches anything, and nothing that comes in is run.
"""
