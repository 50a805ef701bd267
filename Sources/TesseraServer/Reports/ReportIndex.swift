import Bytes
import HTTP
import JSON

/// What `/reports` says: JSON for programs, a page for people.
enum ReportIndex {
    // MARK: JSON

    /// `{"reports":[{"name":…,"description":…,"variables":[…],"urls":{…}}]}`
    static func writeJSON(_ library: ReportLibrary, to output: ByteBuffer) {
        output.append("{\"reports\":[")
        for (place, report) in library.reports.enumerated() {
            if place > 0 { output.append(",") }
            output.append("{\"name\":")
            output.appendJSONString(report.name)
            output.append(",\"description\":")
            output.appendJSONString(report.description)
            output.append(",\"variables\":[")
            for (place, variable) in report.variables.enumerated() {
                if place > 0 { output.append(",") }
                write(variable, to: output)
            }
            output.append("],\"urls\":{")
            for (place, format) in formats.enumerated() {
                output.append(place > 0 ? ",\"" : "\"")
                output.append(format)
                output.append("\":\"/reports/")
                output.append(report.name)
                output.append(".")
                output.append(format)
                output.append("\"")
            }
            output.append("}}")
        }
        output.append("]}\n")
    }

    private static let formats = ["csv", "ndjson", "json"]

    private static func write(_ variable: Report.Variable, to output: ByteBuffer) {
        output.append("{\"name\":")
        output.appendJSONString(variable.name)
        output.append(",\"type\":")
        output.appendJSONString(variable.typeText)
        output.append(",\"required\":")
        output.appendJSONBool(variable.isRequired)
        output.append(",\"default\":")
        write(variable.defaultText, to: output)
        output.append(",\"description\":")
        write(variable.description, to: output)
        output.append("}")
    }

    private static func write(_ text: String?, to output: ByteBuffer) {
        if let text { output.appendJSONString(text) } else { output.append("null") }
    }

    // MARK: The page

    /// Nothing is loaded, nothing is run; forms go to this server alone.
    static let contentSecurityPolicy: StaticString =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// Whether somebody reads with a browser: who names `text/html`, and not JSON before it.
    static func isPageWanted(_ request: Request) -> Bool {
        guard let accept = unsafe request.header(.accept) else { return false }
        var reader = unsafe FieldValueReader(accept)
        while let name = unsafe reader.nextElement() {
            if unsafe equalsIgnoringCase(name, "text/html") { return true }
            if unsafe equalsIgnoringCase(name, "application/json") { return false }
        }
        return false
    }

    static func writePage(_ library: ReportLibrary, to output: ByteBuffer) {
        output.append(pageStart)
        for report in library.reports {
            output.append("<article id=\"")
            output.append(report.name)
            output.append("\">\n<h2>")
            output.append(report.name)
            output.append("</h2>\n<p>")
            appendText(report.description, to: output)
            output.append("</p>\n<form method=\"get\" action=\"/reports/")
            output.append(report.name)
            output.append(".csv\">\n")
            for variable in report.variables { writeInput(variable, to: output) }
            output.append("<p class=\"buttons\">")
            for format in formats {
                output.append("<button formaction=\"/reports/")
                output.append(report.name)
                output.append(".")
                output.append(format)
                output.append("\">")
                output.append(format.uppercased())
                output.append("</button> ")
            }
            output.append(
                "<button name=\"excel\" value=\"1\">Excel</button></p>\n</form>\n</article>\n")
        }
        if library.reports.isEmpty {
            output.append(
                "<p>There are none. A report is a query in the folder <code>reports</code> of "
                    + "the schema.</p>\n")
        }
        output.append("</main>\n</html>\n")
    }

    /// How a page about reports begins, up to its heading.
    static let pageStart: StaticString = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Reports</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
        main { max-width: 52rem; margin: 0 auto; padding: 1rem; }
        article { border-top: 1px solid #8885; padding: .5rem 0 1rem; }
        h2 { font-size: 1.1rem; margin: .5rem 0 0; }
        p { margin: .25rem 0 .75rem; }
        label { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
        label + label { margin-top: .35rem; }
        label span { min-width: 10rem; font-weight: 600; }
        label small { opacity: .75; }
        input, select, button { font: inherit; padding: .2rem .5rem; }
        .buttons { margin: .75rem 0 0; }
        #note { position: sticky; top: 0; background: Canvas; padding: .25rem 0; }
        </style>
        <main>
        <h1>Reports</h1>

        """

    private static func writeInput(_ variable: Report.Variable, to output: ByteBuffer) {
        output.append("<label><span>")
        output.append(variable.name)
        output.append("</span> ")
        if variable.listDepth == 0, !variable.choices.isEmpty {
            writeChoices(variable.choices, variable, to: output)
        } else if variable.listDepth == 0, variable.kind == .boolean {
            writeChoices(["true", "false"], variable, to: output)
        } else {
            let isDate = variable.listDepth == 0 && variable.typeName == "Date"
            output.append(isDate ? "<input type=\"date\" name=\"" : "<input name=\"")
            output.append(variable.name)
            output.append("\" value=\"")
            appendText(variable.defaultText ?? "", to: output)
            output.append(variable.isRequired ? "\" required>" : "\">")
        }
        output.append(" <small>")
        appendText(variable.typeText, to: output)
        if let description = variable.description {
            output.append(" · ")
            appendText(description, to: output)
        }
        output.append("</small></label>\n")
    }

    private static func writeChoices(
        _ choices: [String], _ variable: Report.Variable, to output: ByteBuffer
    ) {
        output.append("<select name=\"")
        output.append(variable.name)
        output.append(variable.isRequired ? "\" required>" : "\"><option value=\"\">–</option>")
        for choice in choices {
            output.append(
                choice == variable.defaultText ? "<option selected>" : "<option>")
            output.append(choice)
            output.append("</option>")
        }
        output.append("</select>")
    }

    /// Text as it stands in a page, within an attribute's quotes too.
    private static func appendText(_ text: String, to output: ByteBuffer) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): output.append("&amp;")
            case UInt8(ascii: "<"): output.append("&lt;")
            case UInt8(ascii: ">"): output.append("&gt;")
            case UInt8(ascii: "\""): output.append("&quot;")
            case UInt8(ascii: "'"): output.append("&#39;")
            default: output.append(byte: byte)
            }
        }
    }
}
