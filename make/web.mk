.PHONY: test-web web-dev fixture-publication

test-web: setup ## Test the page longer: pictures of all pages in .cache/pictures, for a person to look at
	METRICCARE_PICTURES=.cache/pictures $(BIN)/python -m pytest -m "browser and slow" tests/web

web-dev: setup ## Serve the page from web/ while it is changed; needs Node and `metriccare serve`
	cd web && npm run dev

fixture-publication: setup ## Write tests/data/publication-large again, by the pipeline (minutes)
	$(BIN)/python -m scripts.publication_fixture
