import Bytes
import Engine
import GraphQLLanguage
@testable import HTTP
import Store
import Testing

@testable import TesseraServer

struct MetricsTests {
    private func text(_ page: MetricsPage) -> String {
        let output = ByteBuffer()
        page.write(to: output, page.context.store.makeReader())
        return output.makeString()
    }

    /// A club of one table that nobody has asked anything.
    private func quietPage(_ observer: Observer) throws -> MetricsPage {
        let schema = SchemaFile(
            path: "a.graphql", bytes: Array("type Team @table { code: String! @index }".utf8))
        let model = try buildModel([schema])
        let store = Store(model.storeDefinition, shardCount: 1, seed: 1)
        return MetricsPage(
            observer: observer, context: EngineContext(model: model, store: store),
            writer: Writer(store: store, journal: nil, clock: { 0 }), directory: nil,
            http: { (HTTPCounters(), []) },
            process: {
                ProcessFigures(
                    residentByteCount: 4096, processorNanoseconds: 1_500_000_000,
                    openDescriptors: 7, startNanoseconds: 1_000_000_000_250_000_000)
            })
    }

    @Test func `the page of a known state is this text`() throws {
        let observer = Observer()
        let recorder = observer.makeRecorder()
        recorder.count(
            OperationNote(report: OperationReport(), hasData: false, errorCodes: ["TIMEOUT", "X"]),
            nanoseconds: 3_000_000)
        recorder.countRefusal("BAD_REQUEST")
        observer.exports.add(rows: 12, format: "csv")
        let page = text(try quietPage(observer))
        #expect(page == MetricsTests.knownPage)
        #expect(MetricsChecker(page).problems == [])
    }

    @Test func `seconds are exact`() {
        let times: [UInt64] = [0, 1, 100_000, 2_500_000, 1_000_000_000, 10_000_000_001]
        #expect(
            times.map(MetricsText.seconds) == [
                "0", "0.000000001", "0.0001", "0.0025", "1", "10.000000001",
            ])
    }

    @Test func `labels and help are escaped`() {
        let output = ByteBuffer()
        let text = MetricsText(output: output)
        text.family("a", .gauge, "a \\ \"b\"\nc")
        text.sample("a", [("x", "1\"2\\3\n4"), ("y", "")], 5 as Int)
        #expect(
            output.makeString() == #"""
                # HELP a a \\ "b"\nc
                # TYPE a gauge
                a{x="1\"2\\3\n4",y=""} 5

                """#)
        #expect(MetricsChecker(output.makeString()).problems == [])
    }

    @Test func `a histogram is written as running totals`() {
        let block = CounterBlock(count: 4)
        let shape = HistogramShape(bounds: [1_000_000_000, 2_000_000_000])
        for value: UInt64 in [0, 1_000_000_000, 1_500_000_000, 9_000_000_000] {
            block.observe(value, shape, at: 0)
        }
        var cells = [UInt64](repeating: 0, count: 4)
        block.add(to: &cells)
        let output = ByteBuffer()
        MetricsText(output: output).histogram("h", HistogramFigures(shape, cells, at: 0))
        #expect(
            output.makeString() == """
                h_bucket{le="1"} 2
                h_bucket{le="2"} 3
                h_bucket{le="+Inf"} 4
                h_sum 11.5
                h_count 4

                """)
    }

    @Test func `the checker finds what is wrong`() {
        let texts = [
            "a 1\n": ["stray: a 1"],
            "# HELP a b\n# TYPE a counter\na 1\na 2\n": ["twice: a 2"],
            "# HELP a b\n# TYPE a counter\na{b=\"\"\"} x\n": ["sample: a{b=\"\"\"} x"],
            "# HELP a b\n# TYPE a counter\na{b=\"\"\"} 1\n": ["labels: a{b=\"\"\"} 1"],
            "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 0\n"
                + "a_count 1\n": ["shrinks: a_bucket{le=\"+Inf\"}"],
            "# HELP a b\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 0\na_count 2\n": [
                "count: a_bucket{le=\"+Inf\"}"
            ],
            "# TYPE a counter\n": ["type: # TYPE a counter"],
        ]
        for (text, problems) in texts { #expect(MetricsChecker(text).problems == problems) }
    }

    @Test func `numbers move with requests`() throws {
        let club = try ClubServer(loopCount: 1)
        func values() -> [String: Double] {
            let checker = MetricsChecker(text(club.page))
            #expect(checker.problems == [])
            return checker.values
        }
        let before = values()
        let document =
            #"{"query":"{ members { nodes { name tier { name } } } tiers { nodes { members { totalCount } } } }"}"#
        for request in [
            post(document), post(document), post(#"{"query":"{ nobody }"}"#), post("{"),
            post(#"{"query":"{ member(id: \"mem_1\") { name } }"}"#),
            post(#"{"query":"{ visits(filter: { number: { gt: 5 } }) { totalCount } }"}"#),
            get("", path: "/nowhere"), get("", path: "/health/live"),
        ] {
            _ = try club.ask(request)
        }
        let after = values()
        func moved(_ series: String) -> Double? {
            after[series].map { $0 - (before[series] ?? 0) }
        }
        let expected: [String: Double] = [
            #"tessera_graphql_requests_total{type="query",outcome="success"}"#: 4,
            #"tessera_graphql_requests_total{type="query",outcome="partial"}"#: 0,
            #"tessera_graphql_requests_total{type="unknown",outcome="error"}"#: 2,
            #"tessera_graphql_request_duration_seconds_count{type="query"}"#: 4,
            #"tessera_graphql_phase_duration_seconds_count{phase="parse"}"#: 4,
            #"tessera_graphql_phase_duration_seconds_count{phase="validate"}"#: 4,
            #"tessera_graphql_phase_duration_seconds_count{phase="plan"}"#: 3,
            #"tessera_graphql_phase_duration_seconds_count{phase="execute"}"#: 5,
            #"tessera_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"}"#: 1,
            #"tessera_graphql_errors_total{code="BAD_REQUEST"}"#: 1,
            "tessera_document_cache_hits_total": 1,
            "tessera_document_cache_misses_total": 4,
            #"tessera_http_requests_total{method="POST",path="/graphql",status="200"}"#: 5,
            #"tessera_http_requests_total{method="POST",path="/graphql",status="400"}"#: 1,
            #"tessera_http_requests_total{method="GET",path="other",status="404"}"#: 1,
            #"tessera_http_requests_total{method="GET",path="/health",status="200"}"#: 1,
            #"tessera_store_rows{table="visits"}"#: 2000,
            #"tessera_full_scans_total{table="visits"}"#: 1,
        ]
        for (series, amount) in expected {
            let found = series.contains("store_rows") ? after[series] : moved(series)
            #expect(found == amount, "\(series)")
        }
        #expect((moved("tessera_http_request_bytes_total") ?? 0) > 500)
        #expect((moved("tessera_http_response_bytes_total") ?? 0) > 1000)
        #expect((after[#"tessera_store_bytes{table="visits"}"#] ?? 0) > 16_000)
        #expect((after["process_resident_memory_bytes"] ?? 0) > 1_000_000)
        #expect((after["process_open_fds"] ?? 0) > 3)
        #expect((after["process_start_time_seconds"] ?? 0) > 1_700_000_000)
        let lookUps = after.filter { $0.key.hasPrefix("tessera_index_lookups_total{") }
        #expect(lookUps.values.reduce(0, +) > 3)
    }

    @Test func `operators have a listener of their own`() throws {
        let club = try ClubServer.audits.get()
        let admin = AdminServer(
            Address(host: "127.0.0.1", port: 0), club.page,
            Health(club.server.readiness, club.server.writes))
        try admin.start()
        defer { admin.stop() }
        func ask(_ request: String, isHead: Bool = false) throws -> Answer {
            let client = try Client(port: admin.port)
            client.send(request)
            return try client.read(isHead: isHead)
        }
        let page = try ask(get("", path: "/metrics"))
        #expect(page.status == "200 OK")
        #expect(page.headers == ["Content-Type: text/plain; version=0.0.4; charset=utf-8"])
        #expect(MetricsChecker(page.body).problems == [])
        #expect(
            try ask(get("", path: "/health/ready"))
                == Answer(
                    "200 OK", json, "{\"status\":\"ok\"}\n"))
        #expect(try ask(get("", path: "/graphql")).status == "404 Not Found")
        #expect(
            try ask(get("", method: "POST", path: "/metrics"))
                == Answer(
                    status: "405 Method Not Allowed",
                    headers: ["Content-Type: text/plain; charset=utf-8", "Allow: GET, HEAD"],
                    body: "Use GET.\n"))
    }

    @Test func `mutations and commits are counted`() throws {
        let folder = try DataFolder()
        let server = try ServerProcess(
            folder, ["--admin-listen", "127.0.0.1:0", "--slow", "off"])
        _ = try server.ask(create("prs_1"))
        _ = try server.ask(create("prs_1"))
        let values = MetricsChecker(try server.adminPage("/metrics")).values
        #expect(
            values[#"tessera_graphql_requests_total{type="mutation",outcome="success"}"#] == 2)
        #expect(values[#"tessera_commits_total{outcome="success"}"#] == 1)
        #expect(values["tessera_commit_duration_seconds_count"] == 1)
        #expect(values["tessera_journal_records_total"] == 1)
        #expect((values["tessera_journal_bytes_total"] ?? 0) > 32)
        #expect((values["tessera_journal_fsync_duration_seconds_count"] ?? 0) >= 1)
        #expect(values[#"tessera_store_rows{table="purses"}"#] == 1)
        #expect(server.terminate() == 0)
    }
}

extension MetricsTests {
    fileprivate static let knownPage = """
        # HELP tessera_build_info The version that runs; always 1.
        # TYPE tessera_build_info gauge
        tessera_build_info{version="\(tesseraVersion)",swift="6.3"} 1
        # HELP tessera_graphql_requests_total GraphQL requests that were answered, by what became of them.
        # TYPE tessera_graphql_requests_total counter
        tessera_graphql_requests_total{type="query",outcome="success"} 0
        tessera_graphql_requests_total{type="query",outcome="partial"} 0
        tessera_graphql_requests_total{type="query",outcome="error"} 0
        tessera_graphql_requests_total{type="mutation",outcome="success"} 0
        tessera_graphql_requests_total{type="mutation",outcome="partial"} 0
        tessera_graphql_requests_total{type="mutation",outcome="error"} 0
        tessera_graphql_requests_total{type="subscription",outcome="success"} 0
        tessera_graphql_requests_total{type="subscription",outcome="partial"} 0
        tessera_graphql_requests_total{type="subscription",outcome="error"} 0
        tessera_graphql_requests_total{type="unknown",outcome="success"} 0
        tessera_graphql_requests_total{type="unknown",outcome="partial"} 0
        tessera_graphql_requests_total{type="unknown",outcome="error"} 2
        # HELP tessera_graphql_request_duration_seconds Time from a request to its answer, waiting included.
        # TYPE tessera_graphql_request_duration_seconds histogram
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.001"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.0025"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.005"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.01"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.025"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.05"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.1"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.25"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="0.5"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="1"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="2.5"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="10"} 0
        tessera_graphql_request_duration_seconds_bucket{type="query",le="+Inf"} 0
        tessera_graphql_request_duration_seconds_sum{type="query"} 0
        tessera_graphql_request_duration_seconds_count{type="query"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.001"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.0025"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.005"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.01"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.025"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.05"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.1"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.25"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="0.5"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="1"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="2.5"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="10"} 0
        tessera_graphql_request_duration_seconds_bucket{type="mutation",le="+Inf"} 0
        tessera_graphql_request_duration_seconds_sum{type="mutation"} 0
        tessera_graphql_request_duration_seconds_count{type="mutation"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.001"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.0025"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.005"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.01"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.025"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.05"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.1"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.25"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="0.5"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="1"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="2.5"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="10"} 0
        tessera_graphql_request_duration_seconds_bucket{type="subscription",le="+Inf"} 0
        tessera_graphql_request_duration_seconds_sum{type="subscription"} 0
        tessera_graphql_request_duration_seconds_count{type="subscription"} 0
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.001"} 0
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.0025"} 0
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.005"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.01"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.025"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.05"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.1"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.25"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="0.5"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="1"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="2.5"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="10"} 1
        tessera_graphql_request_duration_seconds_bucket{type="unknown",le="+Inf"} 1
        tessera_graphql_request_duration_seconds_sum{type="unknown"} 0.003
        tessera_graphql_request_duration_seconds_count{type="unknown"} 1
        # HELP tessera_graphql_phase_duration_seconds Time of each phase of an operation; none for what the plan cache had.
        # TYPE tessera_graphql_phase_duration_seconds histogram
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="0.00001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="0.000025"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="0.0001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="0.00025"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="0.001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="0.01"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="0.1"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="1"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="parse",le="+Inf"} 0
        tessera_graphql_phase_duration_seconds_sum{phase="parse"} 0
        tessera_graphql_phase_duration_seconds_count{phase="parse"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="0.00001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="0.000025"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="0.0001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="0.00025"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="0.001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="0.01"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="0.1"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="1"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="validate",le="+Inf"} 0
        tessera_graphql_phase_duration_seconds_sum{phase="validate"} 0
        tessera_graphql_phase_duration_seconds_count{phase="validate"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="0.00001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="0.000025"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="0.0001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="0.00025"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="0.001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="0.01"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="0.1"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="1"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="plan",le="+Inf"} 0
        tessera_graphql_phase_duration_seconds_sum{phase="plan"} 0
        tessera_graphql_phase_duration_seconds_count{phase="plan"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="0.00001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="0.000025"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="0.0001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="0.00025"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="0.001"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="0.01"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="0.1"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="1"} 0
        tessera_graphql_phase_duration_seconds_bucket{phase="execute",le="+Inf"} 0
        tessera_graphql_phase_duration_seconds_sum{phase="execute"} 0
        tessera_graphql_phase_duration_seconds_count{phase="execute"} 0
        # HELP tessera_graphql_cost Objects that the page sizes of an operation allow.
        # TYPE tessera_graphql_cost histogram
        tessera_graphql_cost_bucket{le="1"} 0
        tessera_graphql_cost_bucket{le="10"} 0
        tessera_graphql_cost_bucket{le="100"} 0
        tessera_graphql_cost_bucket{le="1000"} 0
        tessera_graphql_cost_bucket{le="10000"} 0
        tessera_graphql_cost_bucket{le="100000"} 0
        tessera_graphql_cost_bucket{le="1000000"} 0
        tessera_graphql_cost_bucket{le="+Inf"} 0
        tessera_graphql_cost_sum 0
        tessera_graphql_cost_count 0
        # HELP tessera_graphql_errors_total Errors in answers, by their code.
        # TYPE tessera_graphql_errors_total counter
        tessera_graphql_errors_total{code="ANSWER_TOO_LARGE"} 0
        tessera_graphql_errors_total{code="BAD_CURSOR"} 0
        tessera_graphql_errors_total{code="BAD_REQUEST"} 1
        tessera_graphql_errors_total{code="BAD_USER_INPUT"} 0
        tessera_graphql_errors_total{code="COST_LIMIT_EXCEEDED"} 0
        tessera_graphql_errors_total{code="DEPTH_LIMIT_EXCEEDED"} 0
        tessera_graphql_errors_total{code="FORBIDDEN"} 0
        tessera_graphql_errors_total{code="GRAPHQL_PARSE_FAILED"} 0
        tessera_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 0
        tessera_graphql_errors_total{code="INTERNAL_SERVER_ERROR"} 0
        tessera_graphql_errors_total{code="OPERATION_NOT_ALLOWED"} 0
        tessera_graphql_errors_total{code="OPERATION_RESOLUTION_FAILURE"} 0
        tessera_graphql_errors_total{code="PERSISTED_QUERY_NOT_FOUND"} 0
        tessera_graphql_errors_total{code="RATE_LIMITED"} 0
        tessera_graphql_errors_total{code="STORAGE_FULL"} 0
        tessera_graphql_errors_total{code="TIMEOUT"} 1
        tessera_graphql_errors_total{code="UNAUTHENTICATED"} 0
        tessera_graphql_errors_total{code="UNAVAILABLE"} 0
        tessera_graphql_errors_total{code="other"} 1
        # HELP tessera_http_requests_total Requests that were answered.
        # TYPE tessera_http_requests_total counter
        # HELP tessera_http_connections Connections.
        # TYPE tessera_http_connections gauge
        tessera_http_connections{state="open"} 0
        # HELP tessera_http_request_bytes_total Bytes that clients have sent, heads included.
        # TYPE tessera_http_request_bytes_total counter
        tessera_http_request_bytes_total 0
        # HELP tessera_http_response_bytes_total Bytes that were sent to clients, heads included.
        # TYPE tessera_http_response_bytes_total counter
        tessera_http_response_bytes_total 0
        # HELP tessera_document_cache_hits_total Requests whose document its thread had parsed before.
        # TYPE tessera_document_cache_hits_total counter
        tessera_document_cache_hits_total 0
        # HELP tessera_document_cache_misses_total Requests whose document had to be parsed and validated.
        # TYPE tessera_document_cache_misses_total counter
        tessera_document_cache_misses_total 0
        # HELP tessera_store_rows Rows of a table.
        # TYPE tessera_store_rows gauge
        tessera_store_rows{table="teams"} 0
        # HELP tessera_store_bytes Memory that the rows of a table take, indexes not; from a sample.
        # TYPE tessera_store_bytes gauge
        tessera_store_bytes{table="teams"} 0
        # HELP tessera_index_lookups_total Lists and rows that were looked up in an index.
        # TYPE tessera_index_lookups_total counter
        tessera_index_lookups_total{table="teams",index="Team(code)"} 0
        tessera_index_lookups_total{table="teams",index="Team.creation"} 0
        tessera_index_lookups_total{table="teams",index="Team.id"} 0
        # HELP tessera_full_scans_total Lists for which every row of the table was looked at.
        # TYPE tessera_full_scans_total counter
        tessera_full_scans_total{table="teams"} 0
        # HELP tessera_rule_rejections_total Mutations that a domain rule refused.
        # TYPE tessera_rule_rejections_total counter
        # HELP tessera_commits_total Groups of mutations that were committed, or could not be.
        # TYPE tessera_commits_total counter
        tessera_commits_total{outcome="success"} 0
        tessera_commits_total{outcome="error"} 0
        # HELP tessera_commit_duration_seconds Time from the last mutation of a group until all can see it.
        # TYPE tessera_commit_duration_seconds histogram
        tessera_commit_duration_seconds_bucket{le="0.0001"} 0
        tessera_commit_duration_seconds_bucket{le="0.00025"} 0
        tessera_commit_duration_seconds_bucket{le="0.0005"} 0
        tessera_commit_duration_seconds_bucket{le="0.001"} 0
        tessera_commit_duration_seconds_bucket{le="0.0025"} 0
        tessera_commit_duration_seconds_bucket{le="0.005"} 0
        tessera_commit_duration_seconds_bucket{le="0.01"} 0
        tessera_commit_duration_seconds_bucket{le="0.025"} 0
        tessera_commit_duration_seconds_bucket{le="0.05"} 0
        tessera_commit_duration_seconds_bucket{le="0.1"} 0
        tessera_commit_duration_seconds_bucket{le="0.25"} 0
        tessera_commit_duration_seconds_bucket{le="1"} 0
        tessera_commit_duration_seconds_bucket{le="+Inf"} 0
        tessera_commit_duration_seconds_sum 0
        tessera_commit_duration_seconds_count 0
        # HELP tessera_export_rows_total Rows that exports have written.
        # TYPE tessera_export_rows_total counter
        tessera_export_rows_total{format="csv"} 12
        tessera_export_rows_total{format="json"} 0
        tessera_export_rows_total{format="ndjson"} 0
        # HELP process_cpu_seconds_total Time on processors, that of the system included.
        # TYPE process_cpu_seconds_total counter
        process_cpu_seconds_total 1.5
        # HELP process_open_fds Open file descriptors.
        # TYPE process_open_fds gauge
        process_open_fds 7
        # HELP process_resident_memory_bytes Resident memory.
        # TYPE process_resident_memory_bytes gauge
        process_resident_memory_bytes 4096
        # HELP process_start_time_seconds When the process began, since 1970-01-01T00:00:00Z.
        # TYPE process_start_time_seconds gauge
        process_start_time_seconds 1000000000.25

        """
}
