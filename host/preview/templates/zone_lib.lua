-- What is shown. One line more is one thing more.
return {
  { title = "The first cone", model = "cone", color = "#e8667a", words = "Nobody knows who put it here. It stayed." },
  { title = "Sphere", model = "ball", color = "#3fb6c6", words = "Round from every side." },
  { title = "A crate", model = "crate", color = "#b98a5a", words = "It may be empty. It may not." },
}
