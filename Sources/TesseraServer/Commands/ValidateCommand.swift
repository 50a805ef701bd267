import Bytes
import FoundationEssentials
import GraphQL
import GraphQLLanguage
import JSON

let validateCommand = Command(
    name: "validate", purpose: "check GraphQL documents against a schema",
    arguments: [
        Command.Argument(
            "FILE", isRequired: false, isRepeatable: true,
            help: "the documents, - for standard input; without any the schema alone is checked")
    ],
    flags: [
        Flag(
            "schema", .path, "PATH",
            help: "a file in the schema language, or a folder of .graphql, .graphqls and .gql"),
        Flag(
            "format", .choice(["text", "json"]), "FORMAT", default: "text",
            help: "text, or json for one line a file"),
        Flag("no-suggestions", .toggle, help: "never ask \"did you mean\" of a document"),
    ],
    examples: [
        "tessera validate --schema api.graphql",
        "tessera validate --schema api.graphql app/*.graphql",
        "tessera validate --schema api.graphql --format json app/*.graphql",
    ],
    run: { invocation, terminal throws(CommandError) in
        guard let path = invocation.text("schema") else {
            throw .usage(
                "validate needs --schema", hint: "as in \"\(validateCommand.examples[0])\"")
        }
        let schemaSources = try schemaSources(path)
        var documents: [Source] = []
        for file in invocation.arguments { documents.append(try source(file, terminal)) }

        let report = ValidationReport(
            terminal: terminal, isJSON: invocation.text("format") == "json")
        let schema: Schema
        do throws(SchemaErrors) {
            schema = try plainSchema(schemaSources)
        } catch {
            report.write(error.errors, of: path, namesFiles: path != schemaSources[0].name)
            report.finishSchema(path, problemCount: error.errors.count)
            if !documents.isEmpty {
                terminal.note("The schema has problems, so no document was checked.")
            }
            return .problems
        }
        if documents.isEmpty {
            report.write([], of: path)
            report.finishSchema(path, problemCount: 0)
            return .success
        }
        // The server's own limits do not count here, and its rule for introspection is none of the
        // specification's.
        let options = ValidationOptions(
            suggestions: !invocation.isOn("no-suggestions"), limitsIntrospectionDepth: false)
        var problemCount = 0
        for document in documents {
            let errors = problems(of: document, schema, options)
            problemCount += errors.count
            report.write(errors, of: document.name)
        }
        report.finishDocuments(documents.count, problemCount: problemCount)
        return problemCount == 0 ? .success : .problems
    })

// MARK: Reading

/// The rule that stands for the grammar.
private let syntaxRule = "Syntax"

/// The schema's file, or the files of its folder, in the order of the names' bytes.
private func schemaSources(_ path: String) throws(CommandError) -> [Source] {
    guard isFolder(path) else { return [try source(path)] }
    let names: [String]
    do {
        names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
        throw unreadable(path)
    }
    let prefix = path.hasSuffix("/") ? path : path + "/"
    var sources: [Source] = []
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    where [".graphql", ".graphqls", ".gql"].contains(where: name.hasSuffix)
        && !isFolder(prefix + name)
    {
        sources.append(try source(prefix + name))
    }
    guard !sources.isEmpty else {
        throw .usage(
            "\(path) holds no schema files",
            hint: "they end in .graphql, .graphqls or .gql, and lie directly in the folder")
    }
    return sources
}

/// A document's file, or standard input.
private func source(_ path: String, _ terminal: Terminal) throws(CommandError) -> Source {
    guard path == "-" else { return try source(path) }
    guard let bytes = terminal.readInput() else {
        throw .usage("there is nothing on standard input", hint: "pipe a document into it")
    }
    return Source(name: path, bytes: bytes)
}

private func source(_ path: String) throws(CommandError) -> Source {
    if isFolder(path) {
        throw .usage("\(path) is a folder", hint: "name the files in it: \(path)/*.graphql")
    }
    guard let contents = FileManager.default.contents(atPath: path) else {
        throw unreadable(path)
    }
    return Source(name: path, bytes: Array(contents))
}

private func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
}

private func unreadable(_ path: String) -> CommandError {
    .usage("\(path) cannot be read", hint: "does it exist, and may this user read it?")
}

// MARK: Checking

/// A schema as its documents say it. Tessera's own directives have no meaning here: a schema that
/// uses them must define them.
private func plainSchema(_ sources: [Source]) throws(SchemaErrors) -> Schema {
    var documents: [Document] = []
    var problems: [GraphQLError] = []
    for source in sources {
        do throws(SyntaxError) {
            documents.append(try parse(source, limits: .file))
        } catch {
            problems.append(problem(error))
        }
    }
    guard problems.isEmpty else { throw SchemaErrors(errors: problems) }
    return try buildSchema(documents)
}

private func problems(
    of source: Source, _ schema: Schema, _ options: ValidationOptions
) -> [GraphQLError] {
    do throws(SyntaxError) {
        return validate(try parse(source, limits: .file), schema: schema, options: options)
    } catch {
        return [problem(error)]
    }
}

private func problem(_ error: SyntaxError) -> GraphQLError {
    GraphQLError(error.message, at: [error.offset], in: error.source, rule: syntaxRule)
}
