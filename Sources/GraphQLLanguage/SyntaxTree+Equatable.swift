// Two trees are equal when they say the same. Where it stands does not count, nor whether a query
// was written in its short form.

extension Document: Equatable {
    public static func == (left: Document, right: Document) -> Bool {
        left.definitions == right.definitions
    }
}

extension Name: Equatable {
    public static func == (left: Name, right: Name) -> Bool { left.value == right.value }
}

extension OperationDefinition: Equatable {
    public static func == (left: OperationDefinition, right: OperationDefinition) -> Bool {
        left.description == right.description && left.type == right.type
            && left.name == right.name && left.variables == right.variables
            && left.directives == right.directives && left.selectionSet == right.selectionSet
    }
}

extension FragmentDefinition: Equatable {
    public static func == (left: FragmentDefinition, right: FragmentDefinition) -> Bool {
        left.description == right.description && left.name == right.name
            && left.typeCondition == right.typeCondition && left.directives == right.directives
            && left.selectionSet == right.selectionSet
    }
}

extension VariableDefinition: Equatable {
    public static func == (left: VariableDefinition, right: VariableDefinition) -> Bool {
        left.description == right.description && left.name == right.name
            && left.type == right.type && left.defaultValue == right.defaultValue
            && left.directives == right.directives
    }
}

extension SelectionSet: Equatable {
    public static func == (left: SelectionSet, right: SelectionSet) -> Bool {
        left.selections == right.selections
    }
}

extension Field: Equatable {
    public static func == (left: Field, right: Field) -> Bool {
        left.alias == right.alias && left.name == right.name && left.arguments == right.arguments
            && left.directives == right.directives && left.selectionSet == right.selectionSet
    }
}

extension FragmentSpread: Equatable {
    public static func == (left: FragmentSpread, right: FragmentSpread) -> Bool {
        left.name == right.name && left.directives == right.directives
    }
}

extension InlineFragment: Equatable {
    public static func == (left: InlineFragment, right: InlineFragment) -> Bool {
        left.typeCondition == right.typeCondition && left.directives == right.directives
            && left.selectionSet == right.selectionSet
    }
}

extension Directive: Equatable {
    public static func == (left: Directive, right: Directive) -> Bool {
        left.name == right.name && left.arguments == right.arguments
    }
}

extension Value: Equatable {
    public static func == (left: Value, right: Value) -> Bool { left.kind == right.kind }
}

extension StringValue: Equatable {
    public static func == (left: StringValue, right: StringValue) -> Bool {
        // By bytes: `String` equality takes canonically equivalent texts for the same.
        left.isBlock == right.isBlock && left.value.utf8.elementsEqual(right.value.utf8)
    }
}

extension TypeNode: Equatable {
    public static func == (left: TypeNode, right: TypeNode) -> Bool {
        switch (left, right) {
        case (.named(let left), .named(let right)): left == right
        case (.list(let left, _), .list(let right, _)): left == right
        case (.nonNull(let left), .nonNull(let right)): left == right
        default: false
        }
    }
}

extension SchemaDefinition: Equatable {
    public static func == (left: SchemaDefinition, right: SchemaDefinition) -> Bool {
        left.isExtension == right.isExtension && left.description == right.description
            && left.directives == right.directives && left.operationTypes == right.operationTypes
    }
}

extension SchemaDefinition.OperationTypeDefinition: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        left.operation == right.operation && left.type == right.type
    }
}

extension TypeDefinition: Equatable {
    public static func == (left: TypeDefinition, right: TypeDefinition) -> Bool {
        left.kind == right.kind && left.isExtension == right.isExtension
            && left.description == right.description && left.name == right.name
            && left.interfaces == right.interfaces && left.directives == right.directives
            && left.fields == right.fields && left.inputFields == right.inputFields
            && left.memberTypes == right.memberTypes && left.enumValues == right.enumValues
    }
}

extension FieldDefinition: Equatable {
    public static func == (left: FieldDefinition, right: FieldDefinition) -> Bool {
        left.description == right.description && left.name == right.name
            && left.arguments == right.arguments && left.type == right.type
            && left.directives == right.directives
    }
}

extension InputValueDefinition: Equatable {
    public static func == (left: InputValueDefinition, right: InputValueDefinition) -> Bool {
        left.description == right.description && left.name == right.name
            && left.type == right.type && left.defaultValue == right.defaultValue
            && left.directives == right.directives
    }
}

extension EnumValueDefinition: Equatable {
    public static func == (left: EnumValueDefinition, right: EnumValueDefinition) -> Bool {
        left.description == right.description && left.name == right.name
            && left.directives == right.directives
    }
}

extension DirectiveDefinition: Equatable {
    public static func == (left: DirectiveDefinition, right: DirectiveDefinition) -> Bool {
        left.description == right.description && left.name == right.name
            && left.arguments == right.arguments && left.isRepeatable == right.isRepeatable
            && left.locations == right.locations
    }
}
