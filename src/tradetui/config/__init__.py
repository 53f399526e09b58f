"""What people write, and the domain records it means.

Owns: the models of the config file, reading it with the line of every mistake, where it is looked
for, and the folders of what is shipped. May import: domain, pydantic. Never: a default that hides a
mistake, a float, a secret.
"""
