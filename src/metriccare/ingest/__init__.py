"""How files enter: registered once, then the pipeline started."""
