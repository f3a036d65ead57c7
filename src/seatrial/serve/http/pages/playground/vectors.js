"use strict";
// Arithmetic on embeddings. Refuses to know: where they came from.
const dot = (a, b) => a.reduce((sum, value, place) => sum + value * b[place], 0);
const norm = (vector) => Math.sqrt(dot(vector, vector));

// Cosine of the angle between two vectors; 0 where one of them has no direction.
function cosine(a, b) {
  const lengths = norm(a) * norm(b);
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}

// Every vector beside every other: a symmetric matrix with 1 on its diagonal.
const cosines = (vectors) => vectors.map((a) => vectors.map((b) => cosine(a, b)));

// The two different rows of a similarity matrix that are most alike: [row, column, value], or null.
function closest(matrix) {
  let best = null;
  matrix.forEach((values, at) => {
    for (let other = 0; other < at; other += 1) {
      if (best === null || values[other] > best[2]) best = [other, at, values[other]];
    }
  });
  return best;
}
