// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {AaveV3Adapter} from "../../src/adapters/AaveV3Adapter.sol";
import {MorphoBlueAdapter} from "../../src/adapters/MorphoBlueAdapter.sol";
import {MorphoMarketParams} from "../../src/interfaces/external/IMorphoBlue.sol";
import {Fill, Intent, Landing, Order, Terms} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {AaveFixture} from "../fixtures/AaveFixture.sol";
import {IMorphoUser, MorphoFixture} from "../fixtures/MorphoFixture.sol";

/// @title Gas of landings on the lending protocols' own contracts, beside their own direct liquidation.
/// @notice Every call is a transaction of its own, cold as any, in a market in the midst of its life: the position was
/// liquidated an hour ago and its surplus waits, another order of the same market is open, and the account paid holds
/// something already. So no storage is written for the first time but what is new with every landing: an order's
/// record.
abstract contract ProtocolGas is GavelTest {
    address internal borrower = makeAddr("borrower");
    PriceFeed internal etherFeed;
    PriceFeed internal dollarFeed;
    bytes internal position;
    /// @dev Collateral units of the other order, which stays open.
    uint256 internal openLot;

    function _group() internal pure virtual returns (string memory);

    function _measured(string memory name) internal {
        cheats.snapshotGasLastCall(_group(), name);
    }

    function _feeds() internal {
        etherFeed = new PriceFeed("ETH / USD", 8, 2000e8, address(this));
        dollarFeed = new PriceFeed("USD / USD", 8, 1e8, address(this));
        home.ether_.mint(alice.payout, 1);
        home.dollar.mint(address(this), 1_000_000e6);
        home.ether_.mint(address(this), 1);
    }

    function _serve(address adapter) internal {
        Terms memory terms = _terms(home);
        terms.adapter = adapter;
        home.registry.setTerms(MARKET, terms);
    }

    /// @dev Lands locally on `position` and opens an order on `other`, then lets an hour pass and the price fall
    /// further.
    function _live(bytes memory other, int256 price) internal {
        bytes memory own = position;
        position = other;
        home.collateral.land(_landing(PAY_DOMAIN));
        openLot = home.ether_.balanceOf(address(home.collateral));
        position = own;
        Intent memory intent = _intent(home, position);
        (intent.repay, intent.seizable) = (intent.repay / 2, intent.seizable / 2);
        home.collateral.land(_landingFor(intent, HOME_DOMAIN));
        vm.warp(block.timestamp + 1 hours);
        vm.roll(block.number + 300);
        etherFeed.setAnswer(price);
    }

    function _landing(uint32 payDomain) internal view returns (Landing memory) {
        return _landingFor(_intent(home, position), payDomain);
    }

    function _landingFor(Intent memory intent, uint32 payDomain) private view returns (Landing memory) {
        return _landingOf(home, intent, alice, uint256(intent.seizable) * 95 / 100, payDomain);
    }

    function test_LandLocal() public {
        Landing memory landing = _landing(HOME_DOMAIN);
        (uint8 landed,) = home.collateral.land(landing);
        _measured("land, local");
        assertEq(landed, 1);
        assertEq(home.dollar.balanceOf(address(home.collateral)), 0);
        assertEq(
            home.ether_.balanceOf(address(home.collateral)),
            _surplusOf(home, position) + _creditOf(home, protocolTreasury) + openLot
        );
    }

    function test_LandRemote() public {
        Landing memory landing = _landing(PAY_DOMAIN);
        uint256 snapshot = cheats.snapshotState();
        home.collateral.land(landing);
        _measured("land, remote");
        cheats.revertToState(snapshot);
        (bytes32 id, Order memory order) = _open(home, landing);
        assertTrue(id != 0);
        uint256 before = home.ether_.balanceOf(alice.payout);
        Fill memory facts = _fillByWinner(pay, order);
        _reportAndDeliver(pay, facts);
        assertEq(home.ether_.balanceOf(alice.payout) - before, order.ask);
        home.collateral.returnSurplus(MARKET, position, address(home.ether_));
        _measured("returnSurplus");
        assertEq(home.ether_.balanceOf(address(home.collateral)), _creditOf(home, protocolTreasury) + openLot);
        _answer(home, pay, id);
        pay.repayment.release(facts);
        assertEq(pay.dollar.balanceOf(vaultTreasury), order.payAmount);
    }
}

/// forge-config: default.isolate = true
contract AaveGas is ProtocolGas, AaveFixture {
    Aave internal aave;

    function setUp() public override {
        super.setUp();
        _feeds();
        aave = deployAave();
        listReserve(aave, address(home.ether_), address(etherFeed), ReserveTerms(8000, 8250, 10_500, 1000));
        listReserve(aave, address(home.dollar), address(dollarFeed), ReserveTerms(7700, 8000, 10_450, 2000));
        deposit(aave, home.dollar, lender, 10_000_000e6);
        address other = makeAddr("another borrower");
        deposit(aave, home.ether_, borrower, 10e18);
        borrow(aave, home.dollar, borrower, 15_000e6);
        deposit(aave, home.ether_, other, 10e18);
        borrow(aave, home.dollar, other, 15_000e6);
        _serve(address(new AaveV3Adapter(aave.provider, address(home.collateral), stranger, 1 days)));
        etherFeed.setAnswer(1800e8);
        position = abi.encode(borrower, home.ether_, home.dollar);
        _live(abi.encode(other, home.ether_, home.dollar), 1300e8);
    }

    function _group() internal pure override returns (string memory) {
        return "aave";
    }

    function test_Direct() public {
        home.dollar.approve(address(aave.pool), type(uint256).max);
        aave.pool.liquidationCall(address(home.ether_), address(home.dollar), borrower, 3700e6, false);
        _measured("direct liquidationCall");
    }
}

/// forge-config: default.isolate = true
contract MorphoGas is ProtocolGas, MorphoFixture {
    IMorphoUser internal morpho;
    MorphoMarketParams internal params;

    function setUp() public override {
        super.setUp();
        _feeds();
        morpho = deployMorpho();
        bytes32[] memory ids = new bytes32[](1);
        (ids[0], params) =
            createMarket(morpho, home.ether_, home.dollar, address(etherFeed), address(dollarFeed), 0.86e18);
        lend(morpho, params, lender, 1_000_000e6);
        address other = makeAddr("another borrower");
        openLoan(morpho, params, borrower, 10e18, 15_000e6);
        openLoan(morpho, params, other, 10e18, 15_000e6);
        _serve(address(new MorphoBlueAdapter(morpho, address(home.collateral), stranger, 1 days, ids)));
        etherFeed.setAnswer(1700e8);
        position = abi.encode(ids[0], borrower);
        _live(abi.encode(ids[0], other), 1500e8);
    }

    function _group() internal pure override returns (string memory) {
        return "morpho";
    }

    function test_Direct() public {
        home.dollar.approve(address(morpho), type(uint256).max);
        uint256 shares = morpho.position(keccak256(abi.encode(params)), borrower).borrowShares;
        morpho.liquidate(params, borrower, 0, shares, "");
        _measured("direct liquidate");
    }
}
