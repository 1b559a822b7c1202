-- What lies on the shelves. One line more is one shelf more.
return {
  { id = "cup", name = "Cup", model = "cylinder", color = "#c94f4f", words = "Holds a quarter of a litre." },
  { id = "box", name = "Box", model = "box", color = "#d9b44a", words = "Closes tightly." },
  { id = "globe", name = "Globe", model = "ball", color = "#4f8fc9", words = "Turns by itself." },
}
