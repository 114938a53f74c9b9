"""The labelled exercise that `overflight demo` plays: an invented flight under real rules, geography and dates."""
