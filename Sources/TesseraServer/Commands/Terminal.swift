import Glibc

/// Where a command writes to. Standard output carries answers, standard error everything else.
struct Terminal {
    /// Whether standard output, or standard error, is read by a person.
    let isOutputTerminal: Bool
    let isErrorTerminal: Bool
    let usesColour: Bool
    /// Columns of the terminal that standard output is; nil when it is none.
    let outputWidth: Int?
    private let writeOutput: ([UInt8]) -> Void
    private let writeError: ([UInt8]) -> Void
    /// Everything on standard input; nil when a person sits there.
    let readInput: () -> [UInt8]?

    init(
        isOutputTerminal: Bool = false, isErrorTerminal: Bool = false, usesColour: Bool = false,
        outputWidth: Int? = nil, writeOutput: @escaping ([UInt8]) -> Void,
        writeError: @escaping ([UInt8]) -> Void,
        readInput: @escaping () -> [UInt8]? = { nil }
    ) {
        self.isOutputTerminal = isOutputTerminal
        self.isErrorTerminal = isErrorTerminal
        self.usesColour = usesColour
        self.outputWidth = outputWidth
        self.writeOutput = writeOutput
        self.writeError = writeError
        self.readInput = readInput
    }

    /// The process's own streams.
    static func ofProcess(noColour: Bool) -> Terminal {
        let isErrorTerminal = isatty(STDERR_FILENO) == 1
        return Terminal(
            isOutputTerminal: isatty(STDOUT_FILENO) == 1, isErrorTerminal: isErrorTerminal,
            usesColour: isErrorTerminal && !noColour, outputWidth: Terminal.width(STDOUT_FILENO),
            writeOutput: { Terminal.write($0, to: STDOUT_FILENO) },
            writeError: { Terminal.write($0, to: STDERR_FILENO) },
            readInput: { isatty(STDIN_FILENO) == 1 ? nil : Terminal.readAll(STDIN_FILENO) })
    }

    /// The columns of a terminal; nil when the descriptor is none.
    private static func width(_ descriptor: CInt) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1,
            unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else { return nil }
        return Int(size.ws_col)
    }

    /// Writes text and a line end to standard output.
    func write(_ text: String) {
        writeOutput(Array((text + "\n").utf8))
    }

    /// Writes bytes to standard output as they are.
    func write(bytes: [UInt8]) {
        writeOutput(bytes)
    }

    /// Writes a line to standard error.
    func note(_ text: String) {
        noteInPlace(text + "\n")
    }

    /// Writes to standard error without a line end.
    func noteInPlace(_ text: String) {
        writeError(Array(text.utf8))
    }

    /// Writes why a command has ended.
    func report(_ error: CommandError) {
        note("\(red("tessera:")) \(error.message)")
        if let hint = error.hint { note("  help: \(hint)") }
    }

    /// The text in red, where colours are wanted.
    func red(_ text: String) -> String {
        usesColour ? "\u{1B}[31m\(text)\u{1B}[0m" : text
    }

    /// Writes bytes to a descriptor, as far as its reader takes them.
    static func write(_ bytes: [UInt8], to descriptor: CInt) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes[offset...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            // A reader that has gone away takes no more.
            if count < 0 && errno != EINTR { return }
            if count > 0 { offset += count }
        }
    }

    private static func readAll(_ descriptor: CInt) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(descriptor, &block, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += block[..<count]
        }
    }
}
