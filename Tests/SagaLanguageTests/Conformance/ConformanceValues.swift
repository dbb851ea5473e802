extension ConformanceRule {
    /// Literals, variables, lists and maps, their members and elements.
    static let values = table(
        #"""
        # basic/self_eval_zeroish
        self_eval_int_zero: 0 => 0
        self_eval_float_zero: 0.0 => 0.0
        self_eval_float_zerowithexp: 0e-3 => 0.0
        self_eval_string_empty: '' => ""
        self_eval_string_empty_quotes: "" => ""
        self_eval_string_raw_prefix: R'' => ""
        self_eval_string_raw_prefix_triple_double: r"""""" => ""
        self_eval_string_raw_prefix_triple_single: r'''''' => ""
        self_eval_bool_false: false => false
        self_eval_null: null => null
        self_eval_empty_list: [] => []
        self_eval_empty_map: {} => {}
        # basic/self_eval_nonzeroish
        self_eval_int_nonzero: 17 => 17
        self_eval_int_negative_min: -9223372036854775808 => -9223372036854775808
        self_eval_float_negative_exp: -4.5e+2 => -450.0
        self_eval_string_excl: '?' => "?"
        self_eval_string_escape: 'it\'s' => "it's"
        self_eval_bool_true: true => true
        self_eval_int_hex: 0xC0FFEE => 12648430
        self_eval_int_hex_negative: -0x10 => -16
        self_eval_list_singleitem: ['a'] => ["a"]
        self_eval_map_singleitem: {'a': 1} => {"a": 1}
        self_eval_unicode_escape_four: '\u00fc' => "ü"
        self_eval_unicode_escape_eight: '\U0001f382' => "🎂"
        self_eval_ascii_escape_seq: '\t"\'' => "\t\"'"
        # basic/variables
        self_eval_bound_lookup: input.big => 9223372036854775807
        self_eval_unbound_lookup: nowhere => refused: unknown-variable
        # basic/functions
        binop: 2 + 3 => 5
        unbound: nothing_such(1) => refused: unknown-function
        # basic/reserved_const
        false: false != true => true
        true: true == true => true
        null: null == input.nil => true
        # plumbing/min
        min_program: 17 => 17
        # plumbing/eval_results
        error_result: 3 / 0 => error: an int is divided by zero
        eval_map_results: {'a': 1, 'b': 'x'} => {"a": 1, "b": "x"}
        # plumbing/check_inputs
        skip_check: input.one == 'a' => false
        # plumbing/eval_inputs
        one_ignored_value_arg: 'unused' => "unused"
        # fields/map_fields
        map_field_access: {'a': 'x', 'b': 'y'}.b => "y"
        map_no_such_key: {'a': 1}['b'] => refused: unknown-field
        map_no_such_key: input.map[input.text]
            => error: input.map has no member 'abc'; it has 'a', 'b'
        map_no_such_key_or_false: input.map.c || false
            => error: input.map has no member 'c'; it has 'a', 'b'
        map_no_such_key_or_true: input.map.c || true => true
        map_no_such_key_and_false: input.map.c && false => false
        map_no_such_key_and_true: input.map.c && true
            => error: input.map has no member 'c'; it has 'a', 'b'
        map_field_select_no_such_key: input.map.c
            => error: input.map has no member 'c'; it has 'a', 'b'
        map_field_select_no_such_key_or_false: input.nested.c || false
            => error: input.nested has no member 'c'; it has 'deep'
        map_field_select_no_such_key_or_true: true || input.nested.c => true
        map_field_select_no_such_key_and_false: false && input.nested.c => false
        map_field_select_no_such_key_and_true: true && input.nested.c
            => error: input.nested has no member 'c'; it has 'deep'
        map_value_null: {'a': null}['a'] => null
        map_value_string: {'a': 'x'}['a'] => "x"
        map_value_float: {'a': 2.5}['a'] => 2.5
        map_value_int64: {'a': 1, 'b': 2}['b'] => 2
        map_value_bool: {'a': false}['a'] => false
        map_value_map: {'a': {'b': 1}}['a'] => {"b": 1}
        map_value_mix_type: {'a': 1, 'b': 'x'}['b'] => "x"
        # fields/map_has
        has: has({'a': null}.a) => true
        has_not: has(input.map.c) => false
        has_empty: has(input.none.a) => error: input.none has no member 'a': it is a list, not a map
        # fields/quoted_map_fields
        field_access_slash: {'/v1': 1, '/v2': 2}.`/v2` => 2
        field_access_dash: {'zip-code': '8010'}.`zip-code` => "8010"
        field_access_dot: {'a.b': 3}.`a.b` => 3
        has_field_slash: has({'/v1': 1}.`/v1`) => true
        has_field_dash: has(input.map.`a-b`) => false
        has_field_dot: has({'a.b': 3}.`a.b`) => true
        # fields/qualified_identifier_resolution
        map_key_float: {1.5: 'x'} => refused: wrong-type
        map_key_null: {null: 'x'} => refused: wrong-type
        map_value_repeat_key: {'a': 1, 'b': 2, 'a': 3} => refused: duplicate-key
        map_value_repeat_key: {input.text: 1, 'abc': 2} => error: the key 'abc' is given twice
        list_field_select_unsupported: [1].first => refused: wrong-type
        int64_field_select_unsupported: input.one.a
            => error: input.one has no member 'a': it is an int, not a map
        # dynamic/string
        literal_no_field_access: 'abc'.a => refused: wrong-type
        # fields/in
        empty: 'a' in {} => false
        singleton: 'a' in {'a': null} => true
        present: 'b' in input.map => true
        absent: 'c' in input.map => false
        # lists/concatenation
        list_append: [1, 2] + [3] == [1, 2, 3] => true
        list_not_commutative: ['a'] + ['b'] == ['b'] + ['a'] => false
        list_repeat: [1] + [1] => [1, 1]
        empty_empty: [] + [] => []
        left_unit: [] + [4, 5] => [4, 5]
        right_unit: [4, 5] + [] => [4, 5]
        # lists/index
        zero_based: ['a', 'b'][0] => "a"
        zero_based_double: ['a', 'b'][input.three - 3.0] => "a"
        zero_based_double_error: ['a', 'b'][input.half]
            => error: a list's index must be whole, found 0.5
        singleton: ['a'][0] => "a"
        middle: [4, 5, 6][1] => 5
        last: [4, 5, 6][2] => 6
        index_out_of_bounds: [4, 5, 6][3] => error: the value has no element 3: it has 3
        index_out_of_bounds: [4, 5, 6][-1] => error: the value has no element -1: it has 3
        index_out_of_bounds_or_false: input.list[7] == 1 || false
            => error: input.list has no element 7: it has 3
        index_out_of_bounds_or_true: input.list[7] == 1 || true => true
        index_out_of_bounds_and_false: input.list[7] == 1 && false => false
        index_out_of_bounds_and_true: input.list[7] == 1 && true
            => error: input.list has no element 7: it has 3
        bad_index_type: input.list[input.text]
            => error: a list's index must be an int, found a string
        bad_index_type_or_true: input.list[input.text] == 1 || true => true
        bad_index_type_and_false: input.list[input.text] == 1 && false => false
        # lists/in
        empty: 1 in [] => false
        first: 4 in [4, 5] => true
        middle: 'b' in ['a', 'b', 'c'] => true
        double_in_ints: input.three in [2, 3] => true
        int_in_doubles: input.one in [0.5, 1.0] => true
        missing: 9 in [4, 5] => false
        # lists/size
        list_empty: size([]) => 0
        list: size([1, 'a', null]) => 3
        map_empty: size({}) => 0
        map: size({'a': 1, 'b': 2}) => 2
        # type_deduction/indexing
        list: [[1], [2]][1][0] => 2
        map: {'a': ['x']}['a'][0] => "x"
        # type_deduction/functions
        nested_calls: size(string(12) + 'a') => 3
        # type_deduction/flexible_type_parameter_assignment
        unconstrained_type_var_as_dyn: [].map(x, x.a) => []
        list_parameter: [[], [[]], [[1]]] => [[], [[]], [[1]]]
        """#)
}
