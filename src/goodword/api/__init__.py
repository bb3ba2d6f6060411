"""What may a program of the client ask over HTTP? JSON under /v1 by API key, in the words of the documents themselves."""
