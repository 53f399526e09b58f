"""The dialogs: what is asked before an act, in numbers taken when the dialog opened.

Owns: the texts, the fields and the grades of confirmation. May import: tui, domain. Never: an act
without a person's key.
"""
