import HTTP

/// What a browser gets at `/reports` from a server that asks for credentials: a page that asks for a
/// key, and fetches reports with it.
///
/// A browser cannot be told to send `Authorization` when a link is followed, and a cookie would be
/// sent unasked. So a small script does it. The key stays in the page's memory; nothing is stored. The
/// page is the same for everybody and tells nothing of the reports.
enum ReportKeyPage {
    /// Whether somebody without a credential opens the reports with a browser.
    static func isWanted(_ request: Request) -> Bool {
        guard request.method == .get, ReportIndex.isPageWanted(request) else { return false }
        return unsafe equals(request.path, "/reports") || equals(request.path, "/reports/")
    }

    static func answer(_ exchange: Exchange) {
        exchange.header("WWW-Authenticate", "Bearer")
        exchange.header("Vary", "Accept")
        exchange.header("Content-Security-Policy", contentSecurityPolicy)
        exchange.begin(status: .unauthorized, contentType: "text/html; charset=utf-8")
        exchange.output.append(ReportIndex.pageStart)
        exchange.output.append(form)
        exchange.output.append(script)
        exchange.output.append("</script>\n</html>\n")
        exchange.end()
    }

    /// This script alone runs, and it asks this server alone. The hash is that of ``script``.
    static let contentSecurityPolicy: StaticString = """
        default-src 'none'; style-src 'unsafe-inline'; \
        script-src 'sha256-juHo98C53PrlyCx6tkre5qqQ3uRYW0mSIB1eLwBIX/U='; \
        connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'
        """

    private static let form: StaticString = """
        <form id="ask">
        <label><span>Key</span> <input type="password" autocomplete="off" required autofocus>
        <button>Show</button></label>
        </form>
        <p id="note" role="status">An access key or a token. It stays in this page alone.</p>
        <div id="reports"></div>
        </main>
        <script>

        """

    /// In `#reports` come the articles of the page that the same address has for who shows a key.
    static let script: StaticString = """
        "use strict";
        const note = document.getElementById("note");
        const reports = document.getElementById("reports");
        let key = "";

        async function get(url, accept) {
          const headers = { authorization: "Bearer " + key, accept };
          const answer = await fetch(url, { headers, credentials: "omit", cache: "no-store" });
          if (answer.ok) return answer;
          const body = await answer.json().catch(() => null);
          throw new Error(body?.errors?.[0]?.message ?? "The server answers " + answer.status + ".");
        }

        async function show(work) {
          note.textContent = "Please wait.";
          try {
            await work();
            note.textContent = "";
          } catch (error) {
            note.textContent = error.message;
          }
        }

        document.getElementById("ask").addEventListener("submit", (event) => {
          event.preventDefault();
          key = event.target.elements[0].value.trim();
          reports.replaceChildren();
          show(async () => {
            const text = await (await get("/reports", "text/html")).text();
            const page = new DOMParser().parseFromString(text, "text/html");
            reports.replaceChildren(...page.querySelectorAll("main > article, main > p"));
          });
        });

        reports.addEventListener("submit", (event) => {
          event.preventDefault();
          const button = event.submitter;
          const path =
            button?.getAttribute("formaction") ?? event.target.getAttribute("action");
          const fields = new URLSearchParams(new FormData(event.target, button));
          show(async () => {
            const answer = await get(path + "?" + fields, "*/*");
            const link = document.createElement("a");
            link.href = URL.createObjectURL(await answer.blob());
            link.download = path.split("/").pop();
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), 60000);
          });
        });

        """
}
