// Sorts the table of layers. No comparison signs or ampersands in this file: the report is XML as well as HTML.
document.querySelectorAll("#layers th").forEach(function (head, column) {
  var button = document.createElement("button");
  button.textContent = head.textContent;
  head.textContent = "";
  head.appendChild(button);
  button.addEventListener("click", function () {
    var sign = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
    document.querySelectorAll("#layers th").forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    var body = document.querySelector("#layers tbody");
    Array.from(body.rows).sort(function (a, b) {
      var x = a.cells[column].dataset.v, y = b.cells[column].dataset.v;
      return sign * (isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y);
    }).forEach(function (row) { body.appendChild(row); });
  });
});
