# One call at a time: python/bridge.py tells the lines that are read and written.

require "json"

def answer_lines
  $stdin.each_line do |line|
    step = JSON.parse(line)
    answer =
      begin
        yield step["call"], step["input"]
      rescue StandardError => e
        { broken: "#{e.class}: #{e.message}" }
      end
    $stdout.puts(JSON.generate(answer))
    $stdout.flush
  end
end
