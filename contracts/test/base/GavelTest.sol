// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {BackstopVault} from "../../src/BackstopVault.sol";
import {CollateralEscrow} from "../../src/CollateralEscrow.sol";
import {MarketRegistry} from "../../src/MarketRegistry.sol";
import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {SolverBonds} from "../../src/SolverBonds.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {ILiquidationAdapter} from "../../src/interfaces/ILiquidationAdapter.sol";
import {
    Award,
    DebtTerms,
    Fill,
    Intent,
    Landing,
    Order,
    OrderState,
    Quote,
    Route,
    SignedQuote,
    Terms
} from "../../src/types/Types.sol";
import {DigestsHarness} from "./DigestsHarness.sol";
import {Encodings} from "./Encodings.sol";
import {HyperlaneFixture, IHyperlaneMailbox} from "./HyperlaneFixture.sol";
import {ICheats} from "./ICheats.sol";
import {MockLendingAdapter} from "./MockLendingAdapter.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title Gavel's whole set on two domains in one EVM, with three solvers, three auctioneers and a keeper.
/// @notice The same dollar has 6 decimals on `home` and 18 on `pay`; no domain equals a chain id. Both chains carry a
/// market, each payable from the other.
abstract contract GavelTest is HyperlaneFixture {
    using SafeERC20 for IERC20;

    struct Deployment {
        uint32 domain;
        uint256 chainId;
        IHyperlaneMailbox mailbox;
        AccessManager manager;
        MarketRegistry registry;
        SolverBonds bonds;
        CollateralEscrow collateral;
        RepaymentEscrow repayment;
        BackstopVault vault;
        MockLendingAdapter adapter;
        TestToken dollar;
        TestToken ether_;
        uint8 decimals;
    }

    struct Solver {
        address account;
        address signer;
        uint256 key;
        address payout;
    }

    ICheats internal constant cheats = ICheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 internal constant MARKET = "mock-alpha";
    uint32 internal constant HOME_DOMAIN = 1001;
    uint32 internal constant PAY_DOMAIN = 1002;
    uint64 internal constant BOND_DELAY = 60;
    uint64 internal constant REDEMPTION_DELAY = 2 hours;
    uint256 internal constant START = 1_790_000_000;
    uint256 internal constant START_BLOCK = 1000;
    bytes32 internal constant OPENED = ICollateralEscrow.Opened.selector;

    Deployment internal home;
    Deployment internal pay;
    DigestsHarness internal digests;

    Solver internal alice;
    Solver internal bob;
    Solver internal carol;
    address internal keeper = makeAddr("keeper");
    address internal lender = makeAddr("lender");
    address internal stranger = makeAddr("stranger");
    /// @dev The lending protocol's, on home chains.
    address internal protocolTreasury = makeAddr("protocol treasury");
    /// @dev The vault's, on pay chains.
    address internal vaultTreasury = makeAddr("vault treasury");
    /// @dev Ascending by address.
    uint256[] internal auctioneerKeys;
    address[] internal auctioneerSet;

    receive() external payable {}

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(START_BLOCK);
        digests = new DigestsHarness();
        _makeAuctioneers(3);
        (uint8 homeDecimals, uint8 payDecimals) = _decimals();
        _deploy(home, HOME_DOMAIN, 31_337, homeDecimals);
        _deploy(pay, PAY_DOMAIN, 31_338, payDecimals);
        _configure(home, pay);
        _configure(pay, home);
        alice = _solver("alice");
        bob = _solver("bob");
        carol = _solver("carol");
        vm.deal(keeper, 100 ether);
        vm.deal(address(this), 100 ether);
        vm.warp(START + BOND_DELAY);
        vm.chainId(home.chainId);
    }

    // ---- building the world ----

    /// @dev Decimals of the dollar at home and on the pay chain.
    function _decimals() internal view virtual returns (uint8 atHome, uint8 onPay) {
        return (6, 18);
    }

    /// @dev A dollar that this contract mints.
    function _newDollar(uint8 decimals) internal virtual returns (TestToken) {
        return new TestToken("Dollar", "USD", decimals, address(this));
    }

    /// @dev A collateral of 18 decimals that this contract mints.
    function _newEther() internal virtual returns (TestToken) {
        return new TestToken("Wrapped ether", "WETH", 18, address(this));
    }

    function _deploy(Deployment storage c, uint32 domain, uint256 chainId, uint8 decimals) internal {
        vm.chainId(chainId);
        c.domain = domain;
        c.chainId = chainId;
        c.decimals = decimals;
        c.mailbox = _deployMailbox(domain);
        c.manager = new AccessManager(address(this));
        address authority = address(c.manager);
        c.registry = new MarketRegistry(authority);
        c.bonds = new SolverBonds(authority, BOND_DELAY);
        c.collateral = new CollateralEscrow(c.mailbox, c.registry, c.bonds, authority);
        c.repayment = new RepaymentEscrow(c.mailbox, authority);
        c.dollar = _newDollar(decimals);
        c.ether_ = _newEther();
        c.vault = new BackstopVault(c.dollar, "Gavel dollar", "gUSD", authority, REDEMPTION_DELAY);
        c.adapter = new MockLendingAdapter();
        c.bonds.setEscrow(address(c.collateral));
        c.vault.setEscrow(address(c.collateral));
        c.ether_.mint(address(c.adapter), 1_000_000 ether);
        c.dollar.mint(lender, _dollars(c, 1_000_000));
        vm.startPrank(lender);
        IERC20(c.dollar).forceApprove(address(c.vault), type(uint256).max);
        c.vault.deposit(_dollars(c, 1_000_000), lender);
        vm.stopPrank();
    }

    function _configure(Deployment storage c, Deployment storage other) internal {
        c.registry.setTerms(MARKET, _terms(c));
        c.registry.setDebtTerms(MARKET, address(c.dollar), _debtTerms(c));
        c.registry.setCollateral(MARKET, address(c.ether_), true);
        c.registry.setRoute(MARKET, address(c.dollar), other.domain, _route(other));
        c.registry.setAuctioneers(MARKET, auctioneerSet, 2);
    }

    function _terms(Deployment storage c) internal view returns (Terms memory) {
        return Terms({
            adapter: address(c.adapter),
            treasury: protocolTreasury,
            borrowerBps: 8000,
            minPartBps: 2500,
            stressBps: 1000,
            maxAskBps: 9900,
            floorBps: 7000,
            minLotBps: 9000,
            lateBountyBps: 50,
            bonusBps: 1000,
            fadeBps: 100,
            slot: 4,
            quoteWindow: 1500,
            landingWindow: 12,
            exclusivity: 120,
            clockSkew: 5,
            fillWindow: 600,
            proofWindow: 3600,
            auctionLength: 600,
            takeDelay: 300,
            capWindow: 3600,
            trialGas: 2_000_000
        });
    }

    function _debtTerms(Deployment storage c) internal view returns (DebtTerms memory) {
        return DebtTerms({
            vault: address(c.vault),
            keeperFee: uint128(_dollars(c, 2)),
            minRepay: uint128(_dollars(c, 10)),
            capPrincipal: uint128(_dollars(c, 500_000)),
            capRepaid: uint128(_dollars(c, 2_000_000))
        });
    }

    function _route(Deployment storage other) internal view returns (Route memory) {
        return Route({
            enabled: true,
            payDecimals: other.decimals,
            feeBps: 5,
            handicapBps: 20,
            payEscrow: address(other.repayment),
            payToken: address(other.dollar),
            treasury: vaultTreasury,
            bridge: address(0)
        });
    }

    function _dollars(Deployment storage c, uint256 amount) internal view returns (uint256) {
        return amount * 10 ** c.decimals;
    }

    /// @dev A solver with a bond, a key, a payout, and dollars approved to both escrows, on both chains.
    function _solver(string memory name) internal returns (Solver memory solver) {
        solver.account = makeAddr(string.concat(name, "'s account"));
        (solver.signer, solver.key) = makeAddrAndKey(string.concat(name, "'s key"));
        solver.payout = makeAddr(string.concat(name, "'s payout"));
        _register(home, solver);
        _register(pay, solver);
    }

    function _register(Deployment storage c, Solver memory solver) internal {
        c.dollar.mint(solver.account, _dollars(c, 1_050_000));
        vm.startPrank(solver.account);
        c.bonds.addKey(solver.signer);
        c.bonds.addPayout(solver.payout);
        IERC20(c.dollar).forceApprove(address(c.bonds), type(uint256).max);
        IERC20(c.dollar).forceApprove(address(c.collateral), type(uint256).max);
        IERC20(c.dollar).forceApprove(address(c.repayment), type(uint256).max);
        c.bonds.deposit(solver.account, address(c.dollar), _dollars(c, 50_000));
        vm.stopPrank();
    }

    function _makeAuctioneers(uint256 count) internal {
        for (uint256 i; i < count; ++i) {
            (address account, uint256 key) = makeAddrAndKey(string.concat("auctioneer ", vm.toString(i)));
            auctioneerSet.push(account);
            auctioneerKeys.push(key);
            for (uint256 j = i; j > 0 && auctioneerSet[j - 1] > account; --j) {
                (auctioneerSet[j - 1], auctioneerSet[j]) = (auctioneerSet[j], auctioneerSet[j - 1]);
                (auctioneerKeys[j - 1], auctioneerKeys[j]) = (auctioneerKeys[j], auctioneerKeys[j - 1]);
            }
        }
    }

    // ---- positions, intents, quotes, landings ----

    /// @dev 5,000 dollars of debt against 2.75 ether.
    function _underwater(Deployment storage c, bytes32 salt) internal returns (bytes memory position) {
        return _underwaterWith(c, salt, _dollars(c, 5000), 2.75 ether);
    }

    function _underwaterWith(Deployment storage c, bytes32 salt, uint256 repay, uint256 seizable)
        internal
        returns (bytes memory position)
    {
        position = abi.encode(salt, makeAddr("borrower"));
        c.adapter
            .setPosition(
                position, MockLendingAdapter.Position(address(c.ether_), address(c.dollar), repay, seizable, 0.97e18)
            );
    }

    function _intent(Deployment storage c, bytes memory position) internal view returns (Intent memory intent) {
        intent.homeDomain = c.domain;
        intent.escrow = address(c.collateral);
        intent.market = MARKET;
        intent.position = position;
        uint256 repay;
        uint256 seizable;
        (Terms memory terms,) = c.registry.terms(MARKET);
        (intent.collateral, intent.debt, repay, seizable,) = ILiquidationAdapter(terms.adapter).assess(position);
        intent.repay = uint128(repay);
        intent.seizable = uint128(seizable);
        intent.round = c.collateral.rounds(_positionKey(position));
        intent.observedBlock = uint64((block.number - 1) / 4 * 4);
        intent.observedBlockHash = keccak256(abi.encode("block", intent.observedBlock));
        intent.quoteBy = uint64(block.timestamp * 1000) + terms.quoteWindow;
        intent.openBy = intent.quoteBy / 1000 + terms.landingWindow;
    }

    function _positionKey(bytes memory position) internal pure returns (bytes32) {
        return keccak256(abi.encode(MARKET, position));
    }

    function _digest(Deployment storage c, Intent memory intent) internal view returns (bytes32) {
        return digests.digest(c.collateral.domainSeparator(), digests.hashIntent(intent));
    }

    function _digest(Deployment storage c, Quote memory quote) internal view returns (bytes32) {
        return digests.digest(c.collateral.domainSeparator(), digests.hashQuote(quote));
    }

    function _quote(Deployment storage c, Intent memory intent, Solver memory solver, uint256 ask, uint32 payDomain)
        internal
        view
        returns (Quote memory)
    {
        return Quote(
            _digest(c, intent), solver.account, uint128(ask), payDomain, solver.payout, c.bonds.epochs(solver.account)
        );
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _signed(Deployment storage c, Quote memory quote, uint256 key) internal view returns (SignedQuote memory) {
        return SignedQuote(quote, _sign(key, _digest(c, quote)));
    }

    function _awardDigest(Deployment storage c, Landing memory landing) internal view returns (bytes32) {
        bytes32[3] memory ranked;
        for (uint256 i; i < landing.quotes.length && i < 3; ++i) {
            ranked[i] = _digest(c, landing.quotes[i].quote);
        }
        Award memory award = Award(_digest(c, landing.intent), landing.attempt, ranked[0], ranked[1], ranked[2]);
        return digests.digest(c.collateral.domainSeparator(), digests.hashAward(award));
    }

    /// @dev Signs with the first `count` auctioneers.
    function _certify(Deployment storage c, Landing memory landing, uint256 count) internal view {
        bytes32 award = _awardDigest(c, landing);
        landing.signatures = "";
        for (uint256 i; i < count; ++i) {
            landing.signatures = bytes.concat(landing.signatures, _sign(auctioneerKeys[i], award));
        }
    }

    /// @dev A certified landing of one quote.
    function _landingOf(Deployment storage c, Intent memory intent, Solver memory solver, uint256 ask, uint32 payDomain)
        internal
        view
        returns (Landing memory landing)
    {
        landing.intent = intent;
        landing.attempt = 1;
        landing.quotes = new SignedQuote[](1);
        landing.quotes[0] = _signed(c, _quote(c, intent, solver, ask, payDomain), solver.key);
        _certify(c, landing, 2);
    }

    /// @dev A certified landing of three quotes, alice's, bob's and carol's in this order.
    function _landingOfThree(
        Deployment storage c,
        Intent memory intent,
        uint256[3] memory asks,
        uint32[3] memory payDomains
    ) internal view returns (Landing memory landing) {
        landing.intent = intent;
        landing.attempt = 1;
        landing.quotes = new SignedQuote[](3);
        landing.quotes[0] = _signed(c, _quote(c, intent, alice, asks[0], payDomains[0]), alice.key);
        landing.quotes[1] = _signed(c, _quote(c, intent, bob, asks[1], payDomains[1]), bob.key);
        landing.quotes[2] = _signed(c, _quote(c, intent, carol, asks[2], payDomains[2]), carol.key);
        _certify(c, landing, 2);
    }

    // ---- the life of an order ----

    function _land(Deployment storage c, Landing memory landing) internal returns (uint8 landed, bytes32 orderId) {
        vm.prank(keeper);
        return c.collateral.land(landing);
    }

    /// @dev Lands one remote quote and returns the order it opened.
    function _open(Deployment storage c, Landing memory landing)
        internal
        returns (bytes32 orderId, Order memory order)
    {
        vm.recordLogs();
        (, orderId) = _land(c, landing);
        return (orderId, _openedOrder(vm.getRecordedLogs(), orderId));
    }

    function _openedOrder(Vm.Log[] memory logs, bytes32 orderId) internal pure returns (Order memory order) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == OPENED && logs[i].topics[1] == orderId) {
                (, order) = abi.decode(logs[i].data, (uint256, Order));
                return order;
            }
        }
        revert("not opened");
    }

    /// @dev Opens alice's remote order on a fresh position.
    function _openOne(Deployment storage c, Deployment storage other, bytes32 salt, uint256 ask)
        internal
        returns (bytes32 orderId, Order memory order)
    {
        Intent memory intent = _intent(c, _underwater(c, salt));
        return _open(c, _landingOf(c, intent, alice, ask, other.domain));
    }

    function _fill(Deployment storage c, Order memory order, address payer, address beneficiary)
        internal
        returns (Fill memory facts)
    {
        vm.recordLogs();
        vm.prank(payer);
        c.repayment.fill(Encodings.id(order), Encodings.bill(order), abi.encode(beneficiary, uint128(0)));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == RepaymentEscrow.Filled.selector) return _facts(order, logs[i]);
        }
        revert("not filled");
    }

    /// @dev The facts of a fill as its log tells them.
    function _facts(Order memory order, Vm.Log memory log) internal pure returns (Fill memory) {
        (address beneficiary, uint128 ask, uint64 filledAt) = abi.decode(log.data, (address, uint128, uint64));
        return Fill(order, address(uint160(uint256(log.topics[2]))), beneficiary, ask, filledAt);
    }

    function _fillByWinner(Deployment storage c, Order memory order) internal returns (Fill memory) {
        return _fill(c, order, alice.account, order.payout);
    }

    function _one(Fill memory facts) internal pure returns (Fill[] memory fills) {
        fills = new Fill[](1);
        fills[0] = facts;
    }

    function _one(bytes32 id) internal pure returns (bytes32[] memory ids) {
        ids = new bytes32[](1);
        ids[0] = id;
    }

    /// @dev Reports fills and returns the message, not delivered yet.
    function _report(Deployment storage c, Fill[] memory fills) internal returns (bytes memory message) {
        (uint32 domain, address escrow) = (fills[0].order.homeDomain, fills[0].order.homeEscrow);
        bytes memory payments = Encodings.payments(fills);
        uint256 fee = c.repayment.quoteReport(domain, escrow, payments);
        vm.recordLogs();
        vm.prank(keeper);
        c.repayment.report{value: fee}(domain, escrow, payments);
        return _dispatched()[0];
    }

    function _reportAndDeliver(Deployment storage c, Fill memory facts) internal {
        _deliver(_report(c, _one(facts)));
    }

    /// @dev Sends verdicts and returns the message, not delivered yet.
    function _verdicts(Deployment storage c, Deployment storage other, bytes32[] memory ids)
        internal
        returns (bytes memory message)
    {
        uint256 fee = c.collateral.quoteVerdicts(other.domain, address(other.repayment), ids);
        vm.recordLogs();
        vm.prank(keeper);
        c.collateral.sendVerdicts{value: fee}(other.domain, address(other.repayment), ids);
        return _dispatched()[0];
    }

    function _answer(Deployment storage c, Deployment storage other, bytes32 id) internal {
        _deliver(_verdicts(c, other, _one(id)));
    }

    // ---- reading ----

    function _stateOf(Deployment storage c, bytes32 orderId) internal view returns (OrderState state) {
        (state,) = c.collateral.orders(orderId);
    }

    function _seizedOf(Deployment storage c, bytes32 orderId) internal view returns (uint256 seized) {
        (, seized) = c.collateral.orders(orderId);
    }

    function _surplusOf(Deployment storage c, bytes memory position) internal view returns (uint256) {
        return c.collateral.surplusOf(_positionKey(position), address(c.ether_));
    }

    function _creditOf(Deployment storage c, address account) internal view returns (uint256) {
        return c.collateral.credits(address(c.ether_), account);
    }

    function _balance(address token, address account) internal view returns (uint256) {
        return IERC20(token).balanceOf(account);
    }

    function _word(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    /// @dev Whether a call reverts with this error, regardless of its arguments.
    function _revertsWith(address target, bytes memory data, uint256 gas_, bytes4 selector) internal returns (bool) {
        (bool ok, bytes memory returned) = target.call{gas: gas_}(data);
        return !ok && returned.length >= 4 && bytes4(returned) == selector;
    }
}
