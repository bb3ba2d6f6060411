"""What can be typed after `goodword`? One noun a file, each with `register(subparsers)`, imported when asked for."""
