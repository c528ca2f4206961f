# Many cheap holders of one UDP port each. Arguments: address, first port, number. Ends them all with itself.
use strict;
use IO::Socket::INET;
my ($address, $first, $count) = @ARGV;
$SIG{TERM} = sub { exit };
my @children;
for my $port ($first .. $first + $count - 1) {
	my $socket = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Proto => "udp") or die "$port: $!";
	my $pid = fork();
	if ($pid == 0) { $SIG{TERM} = "DEFAULT"; sleep 86400; exit }
	push @children, $pid;
}
END { kill "TERM", @children if @children }
$| = 1;
print "ready\n";
sleep 86400;
