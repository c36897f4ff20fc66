"""One member's story for people."""


def story_lines(conn, brand, timeline, member):
    return ["(story)"]
