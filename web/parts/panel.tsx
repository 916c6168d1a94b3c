/** A panel at the side of the page (a sheet on a phone). Focus returns to what opened it. */
import { Dialog } from "@base-ui/react/dialog";
import type { ReactNode } from "react";

import { t } from "@/texts";

export interface PanelProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  children: ReactNode;
}

export function Panel({ title, isOpen, onClose, children }: PanelProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="panel">
          <header className="panel-head">
            <Dialog.Title className="panel-title">{title}</Dialog.Title>
            <Dialog.Close className="button quiet">{t.panel.close}</Dialog.Close>
          </header>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
