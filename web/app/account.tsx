/** Who is signed in, in which tenant; light or dark; sign out. */
import { useState } from "react";

import { call } from "@/api/client";
import type { Me } from "@/api/me";
import { t } from "@/texts";

import { useAddress } from "./search";
import { applyTheme, storedTheme, type Theme } from "./theme";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

async function signOut(me: Me): Promise<void> {
  const answer = await call<{ end_session?: string | null }>("/auth/logout", {
    body: {},
    headers: { "X-CSRF": me.csrf_token ?? "" },
  });
  window.location.assign(answer.end_session ?? "/");
}

export function Account({ me }: { me: Me }) {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const [search, change] = useAddress();
  return (
    <>
      {me.development === true && <p className="note">{t.frame.development}</p>}
      <p>
        {me.name}
        <br />
        <span className="muted">{(me.role_titles ?? me.roles).join(", ")}</span>
      </p>
      {me.tenants.length > 1 && (
        <label className="field">
          {t.frame.tenant}
          <select
            value={search.tenant ?? me.tenant ?? ""}
            onChange={(event) => change({ tenant: event.target.value })}
          >
            {me.tenants.map((tenant) => (
              <option key={tenant}>{tenant}</option>
            ))}
          </select>
        </label>
      )}
      <label className="field">
        {t.frame.theme}
        <select
          value={theme}
          onChange={(event) => {
            const chosen = event.target.value as Theme;
            setTheme(chosen);
            applyTheme(chosen);
          }}
        >
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {t.theme[name]}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="button quiet" onClick={() => void signOut(me)}>
        {t.frame.signOut}
      </button>
    </>
  );
}
