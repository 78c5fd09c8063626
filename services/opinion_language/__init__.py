"""What an opinion is about, read from its own words: its matter, its places, what belongs to another door, and
whether two opinions speak of the same thing.

Everything is learnt from the invented examples in `corpus/`, the same way every time; nothing is fetched and nothing
is unpickled. A proposal is all it gives: a person decides.
"""
