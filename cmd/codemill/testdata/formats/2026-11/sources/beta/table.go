package table

// primes are those below one hundred, in a line that is longer than the recipe's limit of one hundred and twenty characters.
var primes = []int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97}
