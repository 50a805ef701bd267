import Bytes
import HTTP

// Named reports: `/reports` says which there are, `/reports/<name>.csv`, `.ndjson` and `.json` give
// one of them. The `.json` of a report is the whole answer in GraphQL's shape, with `shape=rows` an
// array of flat objects.

extension GraphQLEndpoint {
    private static let reportMethods: StaticString = "GET, HEAD, OPTIONS"

    /// Answers a request below `/reports`.
    func report(_ request: Request, _ exchange: Exchange) {
        switch request.method {
        case .get, .head: break
        case .options: return answerOptions(exchange, allowed: Self.reportMethods)
        case .post, .other:
            exchange.header("Allow", Self.reportMethods)
            return refuse(
                exchange, .methodNotAllowed, "This method is not supported.", hint: "Use GET.")
        }
        let path = unsafe String(decoding: request.path, as: UTF8.self)
        if path == "/reports" || path == "/reports/" { return index(request, exchange) }
        let file = path.dropFirst("/reports/".count)
        guard path.hasPrefix("/reports/"), let dot = file.lastIndex(of: "."),
            let report = reports.report(named: String(file[..<dot])),
            let format = ReportFormat(rawValue: String(file[file.index(after: dot)...]))
        else {
            return refuse(
                exchange, .notFound, "There is no such report.",
                hint: "GET /reports lists them; each ends in .csv, .ndjson or .json.")
        }
        give(report, format, request, exchange)
    }

    private enum ReportFormat: String {
        case csv, ndjson, json
    }

    private func give(
        _ report: Report, _ format: ReportFormat, _ request: Request, _ exchange: Exchange
    ) {
        let form = unsafe FormFields(request.query)
        let variables: [UInt8]
        do throws(Report.Misfit) {
            variables = try report.variables(form)
        } catch {
            return misfit(exchange, error.message, hint: error.hint)
        }
        let parameters: TableParameters
        do throws(QueryParameters.Problem) {
            parameters = try TableParameters(form)
        } catch {
            return misfit(exchange, error.message, hint: nil)
        }
        let query = QueryParameters(query: report.document, variables: variables)
        let shapes = form.fields.filter { $0.name == "shape" }.map(\.value)
        guard shapes.isEmpty || shapes == [Array("rows".utf8)] else {
            return misfit(exchange, "The parameter \"shape\" must be rows.", hint: nil)
        }
        switch (format, shapes.isEmpty) {
        case (.csv, _):
            export(.parameters(query), parameters, .csv, fileName: report.name, request, exchange)
        case (.ndjson, _):
            export(.parameters(query), parameters, .ndjson, fileName: nil, request, exchange)
        case (.json, false):
            export(.parameters(query), parameters, .rows, fileName: nil, request, exchange)
        case (.json, true):
            answer(query, request, exchange, .json)
        }
    }

    /// What a URL has wrong.
    private func misfit(_ exchange: Exchange, _ message: String, hint: String?) {
        exchange.begin(status: .badRequest, contentType: MediaType.json.contentType)
        Self.appendError("BAD_USER_INPUT", message, hint: hint, to: exchange.output)
        exchange.end()
    }

    // MARK: The index

    private func index(_ request: Request, _ exchange: Exchange) {
        exchange.header("Vary", "Accept")
        guard ReportIndex.isPageWanted(request) else {
            exchange.begin(status: .ok, contentType: MediaType.json.contentType)
            ReportIndex.writeJSON(reports, to: exchange.output)
            return exchange.end()
        }
        exchange.header("Content-Security-Policy", ReportIndex.contentSecurityPolicy)
        exchange.begin(status: .ok, contentType: "text/html; charset=utf-8")
        ReportIndex.writePage(reports, to: exchange.output)
        exchange.end()
    }
}
