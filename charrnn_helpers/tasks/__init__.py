"""Data sets for the shapes of sequence problems, one module each.

Nothing is downloaded: what is real ships with a dependency, what is composed follows rules that
stand in its module. Each module's first lines say where its data come from and under which licence.
"""
