extension ConformanceRule {
    /// `&&`, `||`, `!`, `?:` and the macros, with what they do about errors.
    static let logic = table(
        #"""
        # logic/conditional
        true_case: true ? 'a' : 'b' => "a"
        false_case: 1 > 2 ? 'a' : 'b' => "b"
        error_case: 1 / 0 > 1 ? 'a' : 'b' => error: an int is divided by zero
        mixed_type: true ? 'a' : 1 => "a"
        bad_type: 'a' ? 1 : 2 => refused: wrong-type
        bad_type: input.text ? 1 : 2 => error: the condition of '?:' must be a bool, found a string
        # langdef/logical_operators
        : true ? 1 : 1 / 0 => 1
        : false ? 1 / 0 : 2 => 2
        # logic/AND
        all_true: true && 1 < 2 => true
        all_false: false && 1 > 2 => false
        false_left: false && true => false
        false_right: true && false => false
        short_circuit_type_left: false && input.one => false
        short_circuit_type_right: input.text && false => false
        short_circuit_error_left: false && 2 / 0 > 1 => false
        short_circuit_error_right: 2 / 0 > 1 && false => false
        error_right: true && 2 / 0 > 1 => error: an int is divided by zero
        error_left: 2 / 0 > 1 && true => error: an int is divided by zero
        no_overload: 'a' && 'b' => refused: wrong-type
        no_overload: input.text && input.one
            => error: each side of '&&' must be a bool, found a string
        # logic/OR
        all_true: true || 1 < 2 => true
        all_false: false || 1 > 2 => false
        false_left: false || true => true
        false_right: true || false => true
        short_circuit_type_left: true || input.one => true
        short_circuit_type_right: input.text || true => true
        short_circuit_error_left: true || 2 / 0 > 1 => true
        short_circuit_error_right: 2 / 0 > 1 || true => true
        error_right: false || 2 / 0 > 1 => error: an int is divided by zero
        error_left: 2 / 0 > 1 || false => error: an int is divided by zero
        no_overload: 'a' || 'b' => refused: wrong-type
        no_overload: input.text || input.one
            => error: each side of '||' must be a bool, found a string
        # logic/NOT
        not_true: !true => false
        not_false: !(1 > 2) => true
        no_overload: !0 => refused: wrong-type
        no_overload: !input.zero => error: there is no '!' of an int
        # macros/exists
        list_elem_all_true: [1, 2].exists(e, e > 0) => true
        list_elem_some_true: [1, 2].exists(e, e > 1) => true
        list_elem_none_true: [1, 2].exists(e, e > 2) => false
        list_elem_type_shortcircuit: ['a', 2].exists(e, e > 1.0) => true
        list_elem_type_exhaustive: ['a', 2].exists(e, e > 2.0)
            => error: '>' cannot compare a string and a double
        list_elem_exists_error: [0, 1].exists(e, 1 / e > 1) => error: an int is divided by zero
        list_empty: [].exists(e, e > 2) => false
        map_key: {'a': 1}.exists(k, k == 'a') => true
        not_map_key: {'a': 1}.exists(k, k == 'b') => false
        # macros/all
        list_elem_all_true: [1, 2].all(e, e > 0) => true
        list_elem_some_true: [1, 2].all(e, e > 1) => false
        list_elem_none_true: [1, 2].all(e, e > 2) => false
        list_elem_type_shortcircuit: ['a', 2].all(e, e > 2.0) => false
        list_elem_type_exhaustive: ['a', 2].all(e, e > 1.0)
            => error: '>' cannot compare a string and a double
        list_elem_error_shortcircuit: [0, 1].all(e, 1 / e > 1) => false
        list_elem_error_exhaustive: [0, 1].all(e, 1 / e > 0) => error: an int is divided by zero
        list_empty: [].all(e, e > 2) => true
        map_key: {'a': 1, 'b': 2}.all(k, k < 'c') => true
        # langdef/macros
        : input.list.all(e, e) => error: what all() asks must be a bool, found a double
        # macros/exists_one
        list_empty: [].exists_one(e, e == 1) => false
        list_one_true: [4].exists_one(e, e == 4) => true
        list_one_false: [4].exists_one(e, e == 5) => false
        list_none: [4, 5].exists_one(e, e > 5) => false
        list_one: [4, 5].exists_one(e, e > 4) => true
        list_many: [4, 5, 4].exists_one(e, e == 4) => false
        list_all: [4, 4].exists_one(e, e == 4) => false
        list_no_shortcircuit: [1, 1, 0].exists_one(e, 1 / e == 1)
            => error: an int is divided by zero
        map_one: {'a': 1, 'b': 2}.exists_one(k, k == 'b') => true
        # macros/map
        list_empty: [].map(e, e / 2) => []
        list_one: [4].map(e, e * e) => [16]
        list_many: [4, 5].map(e, e + 1) => [5, 6]
        list_error: [1, 0].map(e, 1 / e) => error: an int is divided by zero
        map_extract_keys: {'a': 1, 'b': 2}.map(k, k) => ["a", "b"]
        # macros/filter
        list_empty: [].filter(e, e == 2) => []
        list_one_true: [4].filter(e, e == 4) => [4]
        list_one_false: [4].filter(e, e == 5) => []
        list_none: [4, 5].filter(e, e > 5) => []
        list_some: [4, 5, 6].filter(e, e % 2 == 0) => [4, 6]
        list_all: [4, 5].filter(e, e > 0) => [4, 5]
        list_no_shortcircuit: [4, 0].filter(e, 4 / e == 1) => error: an int is divided by zero
        map_filter_keys: {'a': 1, 'bb': 2}.filter(k, size(k) == 1) => ["a"]
        # macros/nested
        filter_all: [[1, 2], [3]].filter(l, l.all(e, e > 2)) => [[3]]
        all_all: [[1], [2, 3]].all(l, l.all(e, e > 0)) => true
        # namespace/namespace_shadowing
        comprehension_shadowing: ['local'].exists(input, input == 'local') => true
        comprehension_shadowing_selector: [{'one': 'local'}].map(input, input.one) => ["local"]
        comprehension_shadowing_nesting: [1].map(x, [2].map(x, x)) => [[2]]
        """#)
}
