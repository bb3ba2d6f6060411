"""The log of acts and the proof: who did what, is it still whole, and where does one thing stand in it?"""
