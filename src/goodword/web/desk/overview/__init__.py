"""The overview: is it working, and which rows say so?"""
