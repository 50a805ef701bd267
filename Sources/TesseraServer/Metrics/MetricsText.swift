import Bytes

/// Writes metrics as Prometheus reads them.
///
/// Source: Prometheus, Exposition formats, the text format, version 0.0.4.
struct MetricsText {
    let output: ByteBuffer

    static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge, histogram
    }

    /// Begins a metric. All of its samples follow.
    func family(_ name: String, _ kind: Kind, _ help: String) {
        output.append("# HELP \(name) \(MetricsText.escaped(help, quotes: false))\n")
        output.append("# TYPE \(name) \(kind.rawValue)\n")
    }

    func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: UInt64) {
        begin(name, labels)
        output.appendUnsigned(value)
        output.append("\n")
    }

    func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: Int) {
        begin(name, labels)
        output.appendInteger(value)
        output.append("\n")
    }

    func sample(_ name: String, _ value: UInt64) { sample(name, [], value) }

    func sample(_ name: String, _ value: Int) { sample(name, [], value) }

    /// A sample in seconds.
    func sample(
        _ name: String, _ labels: [(name: String, value: String)] = [], nanoseconds: UInt64
    ) {
        begin(name, labels)
        output.append(MetricsText.seconds(nanoseconds))
        output.append("\n")
    }

    /// The buckets, the sum and the count of a histogram.
    ///
    /// - Parameter number: how what was measured is written; by default nanoseconds, as seconds.
    func histogram(
        _ name: String, _ labels: [(name: String, value: String)], _ figures: HistogramFigures,
        number: (UInt64) -> String = MetricsText.seconds
    ) {
        var below: UInt64 = 0
        for (bound, count) in zip(figures.shape.bounds, figures.counts) {
            below &+= count
            sample(name + "_bucket", labels + [("le", number(bound))], below)
        }
        let all = figures.count
        sample(name + "_bucket", labels + [("le", "+Inf")], all)
        begin(name + "_sum", labels)
        output.append(number(figures.sum))
        output.append("\n")
        sample(name + "_count", labels, all)
    }

    func histogram(_ name: String, _ figures: HistogramFigures) { histogram(name, [], figures) }

    private func begin(_ name: String, _ labels: [(name: String, value: String)]) {
        output.append(name)
        if !labels.isEmpty {
            let text = labels.map {
                "\($0.name)=\"\(MetricsText.escaped($0.value, quotes: true))\""
            }
            output.append("{\(text.joined(separator: ","))}")
        }
        output.append(" ")
    }

    /// `0.0025` for 2 500 000 ns, exactly.
    static func seconds(_ nanoseconds: UInt64) -> String {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest > 0 else { return String(whole) }
        let digits = String(rest)
        var fraction = String(repeating: "0", count: 9 - digits.count) + digits
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for letter in text.unicodeScalars {
            switch letter {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(letter)
            }
        }
        return result
    }
}
