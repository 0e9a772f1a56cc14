"""Readers of files that a team already has, one a source: untrusted bytes in, checked values out."""
