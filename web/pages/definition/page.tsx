/** How a measure is counted. */
import { Link, useParams } from "@tanstack/react-router";

import { useDefinition } from "@/api/measures";
import { Loaded } from "@/parts/loaded";
import { PageHead } from "@/parts/page-head";
import { t } from "@/texts";

export function DefinitionPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const definition = useDefinition(id);
  return (
    <Loaded of={definition} height={600}>
      {(measure) => (
        <>
          <PageHead
            title={measure.title}
            lead={t.definition.lead}
            trail={
              <>
                <Link to="/measures">{t.page.measures}</Link>
                {" \u00b7 "}
                <Link to="/measures/$id" params={{ id }}>
                  {t.definition.figures}
                </Link>
              </>
            }
          />
          <dl className="definition">
            <dt>{t.definition.question}</dt>
            <dd>{measure.question}</dd>
            <dt>{t.definition.numerator}</dt>
            <dd>{measure.numerator}</dd>
            <dt>{t.definition.denominator}</dt>
            <dd>{measure.denominator}</dd>
            <dt>{t.definition.exclusions}</dt>
            <dd>
              <dl className="facts">
                {measure.exclusions.map((exclusion) => (
                  <div key={exclusion.reason} className="fact">
                    <dt>
                      <code>{exclusion.reason}</code>
                    </dt>
                    <dd>{exclusion.meaning}</dd>
                  </div>
                ))}
              </dl>
            </dd>
            <dt>{t.definition.period}</dt>
            <dd>{measure.period}</dd>
            <dt>{t.definition.examples}</dt>
            <dd>
              <ul className="examples">
                {measure.examples.map((example) => (
                  <li key={example}>{example}</li>
                ))}
              </ul>
            </dd>
            <dt>{t.definition.caveats}</dt>
            <dd>{measure.caveats}</dd>
            <dt>{t.definition.source}</dt>
            <dd>{measure.source}</dd>
            <dt>{t.definition.version}</dt>
            <dd>{measure.version}</dd>
            <dt>{t.definition.view}</dt>
            <dd>
              <code>{measure.view}</code>
            </dd>
          </dl>
        </>
      )}
    </Loaded>
  );
}
