/** The rule of hidden figures, one tap away. */
import { Popover } from "@base-ui/react/popover";

import { t } from "@/texts";

export default function HiddenRule() {
  return (
    <Popover.Root>
      <Popover.Trigger className="button quiet">{t.state.hiddenWhy}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6}>
          <Popover.Popup className="popover">
            <Popover.Title className="state-title">{t.state.hiddenTitle}</Popover.Title>
            <Popover.Description>{t.state.hiddenRule}</Popover.Description>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
