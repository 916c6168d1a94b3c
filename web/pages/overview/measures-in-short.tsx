/** Every measure in one table. */
import { useMeasures } from "@/api/measures";
import { Loaded } from "@/parts/loaded";
import { WhyHidden } from "@/parts/why-hidden";
import { t } from "@/texts";

import { MeasureTable } from "../measures/measure-table";

export function MeasuresInShort() {
  const measures = useMeasures(true, { grain: "quarter" });
  return (
    <section className="section">
      <h2>{t.overview.measures}</h2>
      <Loaded of={measures} height={480}>
        {(catalogue) => (
          <div className="sheet">
            <MeasureTable measures={catalogue.data} />
            <div className="figure-line">
              <p className="note">{t.measures.spark}</p>
              <WhyHidden />
            </div>
          </div>
        )}
      </Loaded>
    </section>
  );
}
