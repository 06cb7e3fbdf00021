# What RubyGems takes from specifications: each request is a line of paths in hex, each answer a line of JSON.
require 'json'
require 'rubygems'
$stdout.sync = true
answers = $stdout.dup
$stdout.reopen(File::NULL)
$stderr.reopen(File::NULL)
answers.sync = true
$stdin.each_line do |line|
  found = []
  line.split(' ').each_with_index do |hex, at|
    begin
      Gem::Specification::LOAD_CACHE.clear if defined?(Gem::Specification::LOAD_CACHE)
      specification = Gem::Specification.load([hex].pack('H*').force_encoding('UTF-8'))
      next if specification.nil? || specification.name.to_s.empty? || specification.version.nil?
      found << [at, '', specification.name.to_s.dup.force_encoding('UTF-8').scrub, specification.version.to_s]
    rescue Exception
      next
    end
  end
  answers.puts JSON.generate(found)
end
