import Testing

@testable import TesseraServer

struct InvocationTests {
    private let command = Command(
        name: "try", purpose: "test flags",
        arguments: [
            Command.Argument("WHAT", isRequired: false, choices: ["a", "b"], help: "one of two")
        ],
        flags: [
            Flag("name", .text, "NAME", short: "n", default: "Ada", help: "a name"),
            Flag("dry-run", .toggle, help: "a switch"),
            Flag("count", .count, "N", help: "a number"),
            Flag("size", .byteCount, "SIZE", help: "a size"),
            Flag("timeout", .duration, "TIME", help: "a duration"),
            Flag("at", .time, "TIME", help: "a time"),
            Flag("listen", .address, "HOST:PORT", help: "an address"),
            Flag("mode", .choice(["fast", "safe"]), "MODE", help: "a choice"),
            Flag("variable", .assignment, "N=V", short: "v", isRepeatable: true, help: "many"),
        ],
        examples: ["tessera try", "tessera try a", "tessera try b"],
        run: { _, _ throws(CommandError) in .success })

    private func parse(
        _ words: [String], _ environment: [String: String] = [:]
    ) throws(CommandError) -> Invocation {
        try Invocation(command, words, environment: environment)
    }

    private func fault(_ words: [String], _ environment: [String: String] = [:]) -> String {
        do {
            _ = try parse(words, environment)
            return "accepted"
        } catch {
            return "\(error.exitCode.rawValue) \(error.message)"
                + (error.hint.map { "; \($0)" } ?? "")
        }
    }

    @Test func `a flag's value follows it, or an equals sign`() throws {
        for words in [["--name", "Bo"], ["--name=Bo"], ["-n", "Bo"], ["-n=Bo"]] {
            #expect(try parse(words).text("name") == "Bo")
        }
        #expect(try parse(["--name=a=b"]).text("name") == "a=b")
        #expect(try parse([]).text("name") == "Ada")
        #expect(try !parse([]).isGiven("name"))
    }

    @Test func `a switch needs no value`() throws {
        #expect(try parse(["--dry-run", "a"]).isOn("dry-run"))
        #expect(try parse(["--dry-run=false"]).isOn("dry-run") == false)
        #expect(try parse([]).isOn("dry-run") == false)
    }

    @Test func `the environment counts below flags and above defaults`() throws {
        let environment = ["TESSERA_NAME": "Env", "TESSERA_DRY_RUN": "1", "TESSERA_COUNT": ""]
        #expect(try parse([], environment).text("name") == "Env")
        #expect(try parse(["--name", "Bo"], environment).text("name") == "Bo")
        #expect(try parse([], environment).isOn("dry-run"))
        #expect(try parse([], environment).count("count") == nil)
        #expect(
            fault([], ["TESSERA_COUNT": "x"])
                == "2 --count cannot be \"x\"; it takes a whole number, at least 1")
    }

    @Test func `values are read by their kind`() throws {
        let invocation = try parse([
            "--count", "7", "--size", "2MiB", "--timeout", "1500ms", "--at",
            "2026-06-30T12:00:00Z", "--listen", "[::1]:90", "--mode", "safe", "-v", "a=1", "-v",
            "b=x=y",
        ])
        #expect(invocation.count("count") == 7)
        #expect(invocation.byteCount("size") == 2 << 20)
        #expect(invocation.duration("timeout") == .milliseconds(1500))
        #expect(invocation.time("at") == 1_782_820_800_000)
        #expect(invocation.address("listen") == Address(host: "::1", port: 90))
        #expect(invocation.text("mode") == "safe")
        #expect(invocation.texts("variable") == ["a=1", "b=x=y"])
    }

    @Test func `sizes and times have units`() throws {
        let sizes = [
            "5": 5, "5B": 5, "5kB": 5_000, "5KiB": 5_120, "1MB": 1_000_000, "1GiB": 1 << 30,
        ]
        for (text, bytes) in sizes {
            #expect(try parse(["--size", text]).byteCount("size") == bytes)
        }
        let times: [(String, Duration)] = [
            ("500ms", .milliseconds(500)), ("2m", .seconds(120)), ("12h", .seconds(43_200)),
            ("90d", .seconds(7_776_000)),
        ]
        for (text, time) in times {
            #expect(try parse(["--timeout", text]).duration("timeout") == time)
        }
        for text in ["", "0", "-1", "1.5MB", "MB", "5 MB", "99999999999999GiB", "5mb"] {
            #expect(fault(["--size", text]).hasPrefix("2 --size cannot be"))
        }
        for text in ["5", "0s", "1w", "1y", "ms", "99999999999999999999s"] {
            #expect(fault(["--timeout", text]).hasPrefix("2 --timeout cannot be"))
        }
    }

    @Test func `addresses have a port, and by default this machine`() {
        let good = [
            "127.0.0.1:80": Address(host: "127.0.0.1", port: 80),
            ":0": Address(host: "127.0.0.1", port: 0),
            "8080": Address(host: "127.0.0.1", port: 8080),
            "localhost:1": Address(host: "localhost", port: 1),
            "[::]:65535": Address(host: "::", port: 65_535),
        ]
        for (text, address) in good { #expect(Address(text) == address) }
        for text in ["", "x", "a:b", "a:", "::1:80", "a:65536", ":+5", "a:-1"] {
            #expect(Address(text) == nil)
        }
        let isLoopback = [
            "127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", "::", "10.0.0.1", "127.x",
        ]
        .map { Address(host: $0, port: 1).isLoopback }
        #expect(isLoopback == [true, true, true, true, false, false, false, false])
    }

    @Test func `mistakes are named, and the nearest flag is proposed`() {
        #expect(fault(["--nmae", "x"]) == "2 try has no flag --nmae; did you mean --name?")
        #expect(
            fault(["--zzzzzz"])
                == "2 try has no flag --zzzzzz; \"tessera try --help\" lists the flags")
        #expect(fault(["--name"]) == "2 --name needs a value: --name NAME")
        #expect(fault(["--name", "a", "--name", "b"]) == "2 --name stands twice")
        #expect(fault(["--mode", "x"]) == "2 --mode cannot be \"x\"; it takes fast or safe")
        #expect(fault(["-v", "x"]) == "2 --variable cannot be \"x\"; it takes name=value")
        #expect(fault(["-v", "=x"]) == "2 --variable cannot be \"=x\"; it takes name=value")
        #expect(
            fault(["--at", "noon"])
                == "2 --at cannot be \"noon\"; it takes a time like 2026-06-30T12:00:00Z")
        #expect(fault(["c"]) == "2 try does not take \"c\"; it takes a or b")
        #expect(fault(["a", "b"]) == "2 try does not take \"b\"")
    }

    @Test func `after two hyphens everything is an argument`() throws {
        #expect(fault(["--", "--name"]) == "2 try does not take \"--name\"; it takes a or b")
        #expect(try parse(["--name", "x", "--", "a"]).arguments == ["a"])
    }
}

struct HelpTests {
    @Test func `every command has a purpose, three examples and help for each flag`() {
        for command in CommandTable.commands {
            #expect(command.examples.count == 3)
            #expect(command.examples.allSatisfy { $0.hasPrefix("tessera ") })
            #expect(!command.purpose.isEmpty && !command.purpose.hasSuffix("."))
            #expect(command.flags.allSatisfy { !$0.help.isEmpty })
            #expect(Set(command.flags.map(\.name)).count == command.flags.count)
            let help = tessera([command.name, "--help"])
            #expect(help.exitCode == .success)
            #expect(help.errors == "")
            for flag in command.flags { #expect(help.output.contains("--\(flag.name)")) }
            for example in command.examples { #expect(help.output.contains(example)) }
        }
        #expect(Set(CommandTable.commands.map(\.name)).count == CommandTable.commands.count)
    }

    @Test func `defaults in the table are values that the flag takes`() throws {
        for command in CommandTable.commands {
            for flag in command.flags {
                guard let text = flag.defaultText else { continue }
                let arguments = command.arguments.filter(\.isRequired).map {
                    $0.choices.first ?? "x"
                }
                _ = try Invocation(
                    command, arguments + ["--\(flag.name)=\(text)"], environment: [:])
            }
        }
    }

    @Test func `examples are calls that are understood`() throws {
        for command in CommandTable.commands where command.name != "help" {
            for example in command.examples {
                // What follows a redirection or another command is the shell's.
                let call = example.split(separator: " >").first?.split(separator: " &&").first ?? ""
                var words: [String] = []
                for (index, part) in call.split(separator: "'", omittingEmptySubsequences: false)
                    .enumerated()
                {
                    words +=
                        index % 2 == 1
                        ? [String(part)] : part.split(separator: " ").map(String.init)
                }
                let rest = Array(words.dropFirst(2))
                if HelpText.isAsked(for: rest) || words[1].hasPrefix("--") { continue }
                _ = try Invocation(command, rest, environment: [:])
            }
        }
    }

    @Test func `without a command the program lists them and ends with 2`() {
        let result = tessera([])
        #expect(result.exitCode == .usage)
        #expect(
            result == CommandResult(exitCode: .usage, output: tessera(["help"]).output, errors: ""))
        #expect(tessera(["--help"]).exitCode == .success)
        #expect(
            tessera(["help", "version"]).output == """
                tessera version: print the version

                Usage: tessera version

                Examples:
                  tessera version
                  tessera --version
                  tessera version --help

                """)
    }

    @Test func `a command that does not exist is answered with the nearest`() {
        #expect(
            tessera(["quary"])
                == CommandResult(
                    exitCode: .usage, output: "",
                    errors:
                        "tessera: there is no command \"quary\"\n  help: did you mean \"query\"?\n")
        )
        #expect(
            tessera(["xxxxxxxxx"]).errors
                == "tessera: there is no command \"xxxxxxxxx\"\n  help: \"tessera help\" lists the commands\n"
        )
        #expect(tessera(["help", "quary"]).exitCode == .usage)
        #expect(
            tessera(["quary"], usesColour: true).errors.hasPrefix("\u{1B}[31mtessera:\u{1B}[0m "))
    }

    @Test func `the version is told in both ways`() {
        #expect(tessera(["version"]).output == "tessera \(tesseraVersion)\n")
        #expect(tessera(["--version"]).output == "tessera \(tesseraVersion)\n")
    }
}
