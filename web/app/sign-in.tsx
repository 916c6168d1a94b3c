/** What a person sees before they sign in. The sign-in itself is the server's. */
import { address } from "@/api/client";
import { t } from "@/texts";

export function SignIn() {
  const here = window.location.pathname + window.location.search;
  return (
    <main className="sign-in">
      <h1>{t.product}</h1>
      <p className="prose">{t.signIn.what}</p>
      <a className="button primary" href={address("/auth/login", { return_to: here })}>
        {t.signIn.button}
      </a>
      <p className="note">{t.signIn.audit}</p>
    </main>
  );
}
