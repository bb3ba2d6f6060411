"""What does a working installation look like? Three brands, half a year, from a fixed seed, through the real front door.

Reading order: names, pen (one brand's history being written), crowd (what usually happens to friends), cheats, acme, globex,
initech, world (all of it as chapters), sign_ins, opening (what an office would set up), flow (chapter after chapter, sent).
"""
