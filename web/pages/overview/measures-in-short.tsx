/** Every measure in one table. */
import { useMeasures } from "@/api/measures";
import { Loaded } from "@/parts/loaded";
import { t } from "@/texts";

import { MeasureSheet } from "../measures/measure-table";

export function MeasuresInShort() {
  const measures = useMeasures(true, { grain: "quarter" });
  return (
    <section className="section">
      <h2>{t.overview.measures}</h2>
      <Loaded of={measures} height={480}>
        {(catalogue) => <MeasureSheet measures={catalogue.data} />}
      </Loaded>
    </section>
  );
}
