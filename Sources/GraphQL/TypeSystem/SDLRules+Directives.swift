import GraphQLLanguage

/// The rules about directives applied in a type-system document.
extension SDLRules {
    mutating func knownDirectives(_ site: DirectiveSite) {
        for directive in site.directives {
            let name = directive.name.value
            let place = Place(document: site.document, offset: directive.offset)
            guard let definition = definitions.directiveDefinitions[name] else {
                problems.report(
                    "Unknown directive \"@\(name)\".", at: [place], rule: "KnownDirectives")
                continue
            }
            let location = site.location.rawValue
            if !definition.node.locations.contains(where: { $0.value == location }) {
                problems.report(
                    "Directive \"@\(name)\" may not be used on \(location).", at: [place],
                    rule: "KnownDirectives")
            }
        }
    }

    /// A directive that is not repeatable stands once on a definition and all its extensions.
    mutating func uniqueDirectivesPerLocation(_ sites: [DirectiveSite]) {
        var seenByOwner: [String: [String: Place]] = [:]
        for site in sites {
            var seen = site.owner.flatMap { seenByOwner[$0] } ?? [:]
            for directive in site.directives {
                let name = directive.name.value
                guard definitions.directiveDefinitions[name]?.node.isRepeatable == false else {
                    continue
                }
                let place = Place(document: site.document, offset: directive.offset)
                guard let first = seen[name] else {
                    seen[name] = place
                    continue
                }
                problems.report(
                    "The directive \"@\(name)\" can only be used once at this location.",
                    at: [first, place],
                    moment: Place(document: site.document, offset: site.offset),
                    rule: "UniqueDirectivesPerLocation")
            }
            if let owner = site.owner { seenByOwner[owner] = seen }
        }
    }

    mutating func knownArgumentNamesOnDirectives(_ site: DirectiveSite) {
        for directive in site.directives {
            let name = directive.name.value
            guard let definition = definitions.directiveDefinitions[name] else { continue }
            let known = definition.node.arguments.map(\.name.value)
            for argument in directive.arguments where !known.contains(argument.name.value) {
                let argumentName = argument.name.value
                problems.report(
                    "Unknown argument \"\(argumentName)\" on directive \"@\(name)\"."
                        + didYouMean(argumentName, among: known),
                    at: [Place(document: site.document, offset: argument.offset)],
                    rule: "KnownArgumentNamesOnDirectives")
            }
        }
    }

    mutating func uniqueArgumentNames(_ site: DirectiveSite) {
        for directive in site.directives {
            let names = Located(
                node: directive.arguments.map(\.name), document: site.document)
            for (name, places) in repeated(names) {
                problems.report(
                    "There can be only one argument named \"\(name)\".", at: places,
                    moment: Place(document: site.document, offset: directive.offset),
                    rule: "UniqueArgumentNames")
            }
        }
    }

    mutating func providedRequiredArgumentsOnDirectives(_ site: DirectiveSite) {
        for directive in site.directives {
            let name = directive.name.value
            guard let definition = definitions.directiveDefinitions[name] else { continue }
            let given = Set(directive.arguments.map(\.name.value))
            for argument in definition.node.arguments where !given.contains(argument.name.value) {
                guard case .nonNull = argument.type, argument.defaultValue == nil else { continue }
                problems.report(
                    "Argument \"@\(name)(\(argument.name.value):)\" of type "
                        + "\"\(print(argument.type))\" is required, but it was not provided.",
                    at: [Place(document: site.document, offset: directive.offset)],
                    rule: "ProvidedRequiredArgumentsOnDirectives")
            }
        }
    }

    /// In each object literal at any depth.
    mutating func uniqueInputFieldNames(_ value: Located<Value>) {
        switch value.node.kind {
        case .list(let items):
            for item in items { uniqueInputFieldNames(value.with(item)) }
        case .object(let fields):
            var seen: [String: Place] = [:]
            for field in fields {
                let place = value.place(field.name.offset)
                if let first = seen[field.name.value] {
                    problems.report(
                        "There can be only one input field named \"\(field.name.value)\".",
                        at: [first, place], rule: "UniqueInputFieldNames")
                } else {
                    seen[field.name.value] = place
                }
                uniqueInputFieldNames(value.with(field.value))
            }
        case .variable, .int, .float, .string, .boolean, .null, .enum:
            break
        }
    }
}
