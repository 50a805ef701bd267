/// Reads the text format of Prometheus and says what is wrong with it.
///
/// Source: Prometheus, Exposition formats, the text format, version 0.0.4.
struct MetricsChecker {
    private(set) var problems: [String] = []
    /// By name and labels, as they stand in the text.
    private(set) var values: [String: Double] = [:]
    private var types: [String: String] = [:]
    private var family = ""
    private var order: [String] = []

    init(_ text: String) {
        guard text.hasSuffix("\n") else {
            problems = ["the last line has no end"]
            return
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            read(String(line))
        }
        for (name, type) in types.sorted(by: { $0.key < $1.key }) where type == "histogram" {
            checkHistogram(name)
        }
    }

    private mutating func read(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        if line.hasPrefix("# HELP ") {
            guard words.count == 4, types[words[2]] == nil else {
                return problems.append("help: \(line)")
            }
            family = words[2]
        } else if line.hasPrefix("# TYPE ") {
            guard words.count == 4, words[2] == family, types[family] == nil,
                ["counter", "gauge", "histogram"].contains(words[3])
            else { return problems.append("type: \(line)") }
            types[family] = words[3]
        } else {
            sample(line)
        }
    }

    private mutating func sample(_ line: String) {
        guard let space = line.lastIndex(of: " "),
            let value = Double(line[line.index(after: space)...])
        else { return problems.append("sample: \(line)") }
        let series = String(line[..<space])
        let name = String(series.prefix { $0 != "{" })
        let isOfFamily =
            types[family] == "histogram"
            ? ["_bucket", "_sum", "_count"].contains { name == family + $0 } : name == family
        if !isOfFamily { problems.append("stray: \(line)") }
        if name != series, !areLabels(series.dropFirst(name.count)) {
            problems.append("labels: \(line)")
        }
        if values.updateValue(value, forKey: series) != nil { problems.append("twice: \(line)") }
        order.append(series)
    }

    /// `{name="value",…}` with `\`, `"` and line feeds escaped.
    private func areLabels(_ text: Substring) -> Bool {
        text.wholeMatch(
            of: /\{[a-z_]+="(?:[^"\\]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\]|\\["\\n])*")*\}/)
            != nil
    }

    /// Buckets grow, and the last is the count.
    private mutating func checkHistogram(_ name: String) {
        var last = 0.0
        for series in order where series.hasPrefix(name + "_bucket{") {
            let value = values[series] ?? 0
            if value < last { problems.append("shrinks: \(series)") }
            last = value
            guard let bound = series.firstRange(of: "le=\"+Inf\"") else { continue }
            last = 0
            var labels = series[..<bound.lowerBound].dropFirst(name.count + "_bucket{".count)
            if labels.hasSuffix(",") { labels = labels.dropLast() }
            let suffix = labels.isEmpty ? "" : "{\(labels)}"
            if values["\(name)_count\(suffix)"] != value || values["\(name)_sum\(suffix)"] == nil {
                problems.append("count: \(series)")
            }
        }
    }
}
